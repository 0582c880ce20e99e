package dev.tilestream.tile;

import java.time.Duration;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How slow an emulated air is: a steady rate or one that follows a trace, and a delay. Lets things happen later, to a fraction of a
 * millisecond: Akka's scheduler ticks too coarsely to emulate a radio. Its thread starts at first use, so that a device that emulates
 * nothing has none. Thread-safe.
 *
 * <p>Instants are {@link System#nanoTime}'s. Small messages (credits, probes) take no turns with tensors and, over a steady rate, no
 * time; in an outage of a trace they wait like everything else.
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

  private static final double NANOS = 1e9;

  private final double bytesPerSecond;
  private final RateTrace trace;
  private final long traceStartNanos;
  private final long delayNanos;
  private final LongSupplier clock;
  private final DelayQueue<Flight> flights = new DelayQueue<>();
  private final AtomicLong order = new AtomicLong();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile Thread thread;

  EmulatedAir(Emulation emulation) {
    this(emulation, System::nanoTime, System::currentTimeMillis);
  }

  /** @param clock nanoseconds; {@code calendar} tells when a trace starts on it, in milliseconds */
  EmulatedAir(Emulation emulation, LongSupplier clock, LongSupplier calendar) {
    this.clock = clock;
    bytesPerSecond = emulation.bytesPerSecond();
    trace = emulation.trace().map(TracedRate::trace).orElse(null);
    long startsInMillis = emulation.trace().map(TracedRate::startEpochMillis).orElse(0L) - calendar.getAsLong();
    traceStartNanos = clock.getAsLong() + startsInMillis * 1_000_000;
    delayNanos = emulation.delay().toNanos();
  }

  /** Whether it takes time to carry bytes. */
  boolean limited() {
    return trace != null || bytesPerSecond > 0;
  }

  /** When {@code bytes} are through that begin to at {@code nanos}, delay not counted. */
  long through(long nanos, long bytes) {
    if (trace == null) return bytesPerSecond == 0 ? nanos : nanos + (long) (bytes / bytesPerSecond * NANOS);
    if (nanos - traceStartNanos < 0) return nanos + (long) (bytes / trace.meanBytesPerSecond() * NANOS);
    return traceStartNanos + (long) (trace.passed((nanos - traceStartNanos) / NANOS, bytes) * NANOS);
  }

  /** Runs {@code arrival} after the emulated delay, at once when there is none. */
  void send(Runnable arrival) {
    if (delayNanos == 0 && trace == null) {
      arrival.run();
      return;
    }
    long now = clock.getAsLong();
    at((trace == null ? now : through(now, InboundLink.OVERHEAD_BYTES)) + delayNanos, arrival);
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
