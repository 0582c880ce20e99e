package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.Quantiles;
import dev.tilestream.tile.LinkReport;
import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/**
 * What an end does when told to: {@code address}; {@code join SEED PEER|-}; {@code idle PEER SECONDS}; {@code stream PEER SECONDS}; {@code
 * follow FILE START SECONDS}; {@code transfer PEER KIND ROWS COUNT}; {@code accept}; {@code plain PEER HOST PORT SECONDS}; {@code accepted}.
 */
final class LinkOrders {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** Before counting: windows and estimates have to come to rest. */
  private static final double WARM_UP_SECONDS = 1.5;
  private static final int LOOK_MILLIS = 20;
  private static final int STREAM_ROWS = 256;
  private static final long KEPT_QUEUED = 4 << 20;
  /** Rows of a burst, and how often there is one: about what an inference of a camera's frames sends. */
  private static final int BURST_ROWS = 37;
  private static final int BURST_MILLIS = 100;

  private final LinkEnd end;
  private final Cargo cargo;
  private final PlainStream plain = new PlainStream((long) (WARM_UP_SECONDS * 1e9));

  LinkOrders(LinkEnd end) {
    this.end = end;
    cargo = new Cargo(end);
  }

  ObjectNode obey(String[] order) throws IOException, InterruptedException {
    return switch (order[0]) {
      case "address" -> node().put("address", end.address());
      case "join" -> join(order[1], order[2]);
      case "idle" -> idle(order[1], Double.parseDouble(order[2]));
      case "stream" -> stream(order[1], Double.parseDouble(order[2]));
      case "follow" -> follow(Path.of(order[1]), Long.parseLong(order[2]), Double.parseDouble(order[3]));
      case "transfer" -> node().put("seconds", cargo.transfer(order[1], order[2], Integer.parseInt(order[3])));
      case "accept" -> node().put("port", plain.accept());
      case "accepted" -> node().put("bytesPerSecond", plain.bytesPerSecond());
      case "plain" -> plain(order[1], order[2], Integer.parseInt(order[3]), Double.parseDouble(order[4]));
      default -> throw new IllegalArgumentException("order: " + String.join(" ", order));
    };
  }

  private static ObjectNode node() {
    return JSON.createObjectNode();
  }

  private ObjectNode join(String seed, String peer) throws InterruptedException {
    end.join(seed, peer, peer.equals("-") ? 1 : 2);
    return node().put("joined", true);
  }

  private ObjectNode idle(String peer, double seconds) throws InterruptedException {
    try (Pings pings = new Pings(end, peer)) {
      TimeUnit.NANOSECONDS.sleep((long) (2 * WARM_UP_SECONDS * 1e9));
      pings.restart();
      TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
      return pings.into(node());
    }
  }

  private ObjectNode stream(String peer, double seconds) throws InterruptedException {
    try (Pings pings = new Pings(end, peer); Cargo.Supply supply = cargo.supply(Cargo.Kind.NOISE, STREAM_ROWS)) {
      stream(supply, WARM_UP_SECONDS, new ArrayList<>());
      pings.restart();
      HeartbeatWatch.restart();
      List<LinkReport> reports = new ArrayList<>();
      long start = System.nanoTime();
      stream(supply, seconds, reports);
      double took = (System.nanoTime() - start) * 1e-9;
      LinkReport first = reports.get(0);
      LinkReport last = reports.get(reports.size() - 1);
      double[] queues = reports.stream().mapToDouble(LinkReport::queueSeconds).toArray();
      return pings.into(node())
          .put("bytesPerSecond", (arrived(last) - arrived(first)) / took)
          .put("estimated", Quantiles.median(reports.stream().mapToDouble(LinkReport::bytesPerSecond)))
          .put("deviation", last.rateDeviation())
          .put("queueMedian", Quantiles.median(queues))
          .put("queueP95", Quantiles.quantile(queues, 0.95))
          .put("heartbeatPause", HeartbeatWatch.longestPauseSeconds());
    }
  }

  private void stream(Cargo.Supply supply, double seconds, List<LinkReport> reports) throws InterruptedException {
    long until = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() - until < 0) {
      LinkReport report = end.report();
      reports.add(report);
      for (long queued = report.queuedBytes(); queued < KEPT_QUEUED; queued += supply.bytes()) supply.send();
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  private static long arrived(LinkReport report) {
    return report.sentBytes() - report.inFlightBytes();
  }

  /** What is believed of a rate that follows a trace, against what it is, while bursts go over it. */
  private ObjectNode follow(Path file, long startMillis, double seconds) throws IOException, InterruptedException {
    RateTrace trace = RateTrace.read(file);
    List<Double> errors = new ArrayList<>();
    try (Cargo.Supply supply = cargo.supply(Cargo.Kind.NOISE, BURST_ROWS)) {
      for (long next = startMillis + 1000; next < startMillis + seconds * 1000; next += BURST_MILLIS) {
        while (System.currentTimeMillis() < next) TimeUnit.MILLISECONDS.sleep(Math.max(1, next - System.currentTimeMillis()));
        double rate = trace.bytesPerSecond((System.currentTimeMillis() - startMillis) / 1e3);
        double believed = end.report().bytesPerSecond();
        if (rate > 0 && believed > 0) errors.add(Math.abs(believed / rate - 1));
        supply.send();
      }
    }
    DoubleStream all = errors.stream().mapToDouble(Double::doubleValue);
    return node().put("medianError", Quantiles.median(all)).put("samples", errors.size());
  }

  /** What a small message meets beside a TCP connection that is given all it takes. */
  private ObjectNode plain(String peer, String host, int port, double seconds) throws IOException, InterruptedException {
    try (Pings pings = new Pings(end, peer); Socket socket = new Socket(host, port)) {
      PlainStream.send(socket, WARM_UP_SECONDS);
      pings.restart();
      PlainStream.send(socket, seconds);
      return pings.into(node());
    }
  }
}
