package dev.tilestream.bench.link;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What the bench's own small messages wait at their sender, as links' emulated delay makes those of links wait. */
final class Delay implements AutoCloseable {
  private final long nanos;
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
    Thread thread = new Thread(task, "delay");
    thread.setDaemon(true);
    return thread;
  });

  Delay(Duration delay) {
    nanos = delay.toNanos();
  }

  void run(Runnable message) {
    if (nanos == 0) message.run();
    else timer.schedule(message, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
