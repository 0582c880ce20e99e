package dev.tilestream.bench.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.Quantiles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Small messages to the peer's {@link Echo}, twenty a second, and how long each takes there and back. */
final class Pings implements AutoCloseable {
  private static final long EVERY_MILLIS = 50;
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final List<Double> seconds = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  Pings(LinkEnd end, String peer) {
    ActorRef<Echo.Command> echo = end.remote(peer, "echo");
    ActorRef<Echo.Answer> answers = end.spawn("pings-" + NAMES.incrementAndGet(), Behaviors.receiveMessage(answer -> {
      if (answer instanceof Echo.Pong pong) add((System.nanoTime() - pong.sentNanos()) * 1e-9);
      return Behaviors.same();
    }));
    timer.scheduleAtFixedRate(() -> {
      Echo.Ping ping = new Echo.Ping(System.nanoTime(), answers);
      end.delay.run(() -> echo.tell(ping));
    }, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void add(double roundTrip) {
    seconds.add(roundTrip);
  }

  /** Forgets what was. */
  synchronized void restart() {
    seconds.clear();
  }

  synchronized ObjectNode into(ObjectNode node) {
    double[] all = seconds.stream().mapToDouble(Double::doubleValue).toArray();
    return node.put("pingMedian", Quantiles.median(all)).put("pingP95", Quantiles.quantile(all, 0.95)).put("pings", all.length);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
