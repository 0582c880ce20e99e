package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tilestream.cli.LinkRate;
import dev.tilestream.cli.Quantiles;
import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;

/**
 * Measures pairs of ends over lines.
 *
 * @param kernel whether lines are the kernel's; else they are emulated
 * @param seconds of each measurement
 * @param logs where the ends' errors go
 */
record LinkBench(boolean kernel, Duration delay, double seconds, Path logs, Consumer<String> progress) {
  private static final double IDLE_SECONDS = 4;
  private static final int LOOK_MILLIS = 100;
  /** Windows of a trace that are met, and what each lasts: rates of the whole trace, in its proportions. */
  private static final int TRACE_WINDOWS = 10;
  private static final double TRACE_WINDOW_SECONDS = 2;
  /** From starting the ends until the trace begins. */
  private static final long START_MILLIS = 15_000;

  private Line line(LinkRate rate) throws IOException {
    return kernel ? KernelLine.open(rate.bytesPerSecond(), delay) : EmulatedLine.of(rate.bytesPerSecond(), delay);
  }

  LinkResult saturate(LinkRate rate) throws IOException, InterruptedException {
    try (Line line = line(rate); LinkPair pair = LinkPair.start(line, "", logs)) {
      progress.accept(rate + " over " + line.description());
      JsonNode idle = pair.ask("idle %s %s".formatted(pair.farAddress(), IDLE_SECONDS));
      Watch watch = new Watch(line);
      JsonNode stream = pair.ask("stream %s %s".formatted(pair.farAddress(), seconds));
      double[] queues = watch.end();
      JsonNode plain = kernel ? pair.plain(line.host(1), seconds) : MissingNode.getInstance();
      return new LinkResult(line.description(), rate.toString(), rate.bytesPerSecond(), idle, stream, queues, plain);
    }
  }

  /** Looks at the bottleneck now and then. */
  private static final class Watch {
    private final List<Double> queues = new ArrayList<>();
    private final Line line;
    private final Thread thread = new Thread(this::look, "bottleneck");
    private volatile boolean ended;

    Watch(Line line) {
      this.line = line;
      thread.start();
    }

    private void look() {
      try {
        while (!ended) {
          double queue = line.queueSeconds();
          if (Double.isNaN(queue)) return;
          queues.add(queue);
          TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException("bottleneck: " + e.getMessage(), e);
      }
    }

    /** Median and 95th percentile. */
    double[] end() throws InterruptedException {
      ended = true;
      thread.join();
      if (queues.isEmpty()) return new double[] {Double.NaN, Double.NaN};
      double[] all = queues.stream().mapToDouble(Double::doubleValue).toArray();
      return new double[] {Quantiles.median(all), Quantiles.quantile(all, 0.95)};
    }
  }

  /** Median error of what is believed of a rate that follows the trace. */
  JsonNode follow(Path file) throws IOException {
    RateTrace windows = RateTrace.read(file).windows(TRACE_WINDOWS, TRACE_WINDOW_SECONDS);
    Path part = logs.resolve(file.getFileName());
    windows.write(part);
    long start = System.currentTimeMillis() + START_MILLIS;
    try (Line line = EmulatedLine.of(part.toString(), start); LinkPair pair = LinkPair.start(line, "", logs)) {
      progress.accept(file.getFileName() + " over " + line.description());
      return pair.ask("follow %s %d %s".formatted(part, start, windows.seconds()));
    }
  }

  /** The same tensors by two pairs of ends over one line, in turn; one pair packs where it thinks that pays, the other never. */
  List<PackingResult> pack(LinkRate rate, int transfers) throws IOException {
    List<PackingResult> results = new ArrayList<>();
    try (Line line = line(rate);
        LinkPair packing = LinkPair.start(line, "tilestream.link.packing = on", logs);
        LinkPair raw = LinkPair.start(line, "tilestream.link.packing = off", logs)) {
      progress.accept("packing at " + rate + " over " + line.description());
      for (Cargo.Kind kind : Cargo.Kind.values())
        for (int kib : PackingResult.SIZES_KIB) {
          String order = "%s %d".formatted(kind.name().toLowerCase(Locale.ROOT), kib / 4);
          double[][] took = new double[2][transfers];
          for (int warm = 0; warm < PackingResult.WARM_UPS; warm++) for (LinkPair pair : List.of(packing, raw)) transfer(pair, order);
          for (int i = 0; i < transfers; i++) {
            took[i % 2][i] = transfer(i % 2 == 0 ? packing : raw, order);
            took[1 - i % 2][i] = transfer(i % 2 == 0 ? raw : packing, order);
          }
          results.add(new PackingResult(
              rate.toString(), kind.name().toLowerCase(Locale.ROOT), kib, Quantiles.median(DoubleStream.of(took[0])),
              Quantiles.median(DoubleStream.of(took[1]))));
        }
    }
    return results;
  }

  private static double transfer(LinkPair pair, String order) throws IOException {
    return pair.ask("transfer %s %s".formatted(pair.farAddress(), order)).path("seconds").asDouble();
  }
}
