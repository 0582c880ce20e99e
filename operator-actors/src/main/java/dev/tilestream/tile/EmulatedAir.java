package dev.tilestream.tile;

import java.time.Duration;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets things happen later, to a fraction of a millisecond: Akka's scheduler ticks too coarsely to emulate a radio. Its thread starts
 * at first use, so that a device that emulates nothing has none. Thread-safe.
 */
final class EmulatedAir implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmulatedAir.class);

  private record Flight(long due, long order, Runnable arrival) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Flight f = (Flight) other;
      return due != f.due ? Long.compare(due - f.due, 0) : Long.compare(order, f.order);
    }
  }

  private final long delayNanos;
  private final DelayQueue<Flight> flights = new DelayQueue<>();
  private final AtomicLong order = new AtomicLong();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile Thread thread;

  /** @param delay one way, of everything that {@link #send} carries */
  EmulatedAir(Duration delay) {
    delayNanos = delay.toNanos();
  }

  /** Runs {@code arrival} after the emulated delay, at once when there is none. */
  void send(Runnable arrival) {
    if (delayNanos == 0) arrival.run();
    else at(System.nanoTime() + delayNanos, arrival);
  }

  long delayNanos() {
    return delayNanos;
  }

  /** Runs it at {@code nanos} of {@link System#nanoTime}; what is due at the same time runs in the order of the calls. */
  void at(long nanos, Runnable arrival) {
    flights.add(new Flight(nanos, order.getAndIncrement(), arrival));
    if (!started.get() && started.compareAndSet(false, true)) {
      thread = new Thread(this::serve, "tilestream-air");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void serve() {
    try {
      while (true) run(flights.take());
    } catch (InterruptedException closed) {
      // What is still in the air arrives now: at dead letters, which release it.
      for (Flight f = flights.poll(); f != null; f = flights.poll()) run(f);
      for (Object f : flights.toArray()) run((Flight) f);
      flights.clear();
    }
  }

  private static void run(Flight flight) {
    try {
      flight.arrival().run();
    } catch (RuntimeException e) {
      LOG.error("air: an arrival failed", e);
    }
  }

  @Override
  public void close() {
    if (thread != null) thread.interrupt();
  }
}
