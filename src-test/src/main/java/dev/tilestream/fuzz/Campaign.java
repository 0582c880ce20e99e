package dev.tilestream.fuzz;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Runs the cases of one target, seed by seed, on a thread of its own; the caller's thread watches. A case that passes its deadline is a
 * finding with the stack of the thread that hangs; that thread is left behind, and another one goes on with the next seed.
 */
public final class Campaign {
  static final String HANGS = "hangs";
  static final String GREW = "the process grew";
  /** Findings after which one knows enough. */
  private static final int ENOUGH = 10;
  /** Between looks at the clock, so that a hang is noticed that much late at most. */
  private static final long LOOK_MILLIS = 50;
  /** A look at the process costs more than most cases: it is taken after one that took this long, or after so many. */
  private static final Duration WORTH_A_LOOK = Duration.ofMillis(1);
  private static final int CASES_A_LOOK = 256;

  private final FuzzTarget target;
  private final Extent extent;
  private final Log log;
  private final Tally tally;
  private final com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final long start = System.nanoTime();
  private long residentAtStart;
  private volatile long next;
  /** What runs now; null between cases. */
  private volatile Running running;

  /** Hears of every case before it runs and of how it ended: the process may not live to tell. */
  public interface Log {
    Log SILENT = new Log() {};

    default void begins(long seed) {}

    default void ended(long seed, String outcome, Duration took) {}

    default void found(Finding finding) {}
  }

  private record Running(long seed, Trial trial, long since) {}

  private Campaign(FuzzTarget target, Extent extent, Log log) {
    this.target = target;
    this.extent = extent;
    this.log = log;
    this.tally = new Tally(target.word());
    this.next = extent.seed();
  }

  /** Runs to the end, or until there are enough findings. The target stays the caller's. */
  public static Tally run(FuzzTarget target, Extent extent, Log log) {
    return new Campaign(target, extent, log).run();
  }

  private Tally run() {
    Footprint.forgetPeak();
    residentAtStart = Footprint.beyondHeap();
    while (!over()) watch();
    tally.spent(Duration.ofNanos(System.nanoTime() - start));
    return tally;
  }

  private boolean over() {
    boolean late = Duration.ofNanos(System.nanoTime() - start).compareTo(extent.time()) >= 0;
    return late || next - extent.seed() >= extent.cases() || tally.findings().size() >= ENOUGH;
  }

  /** Until the cases are through, or one of them hangs. */
  private void watch() {
    FutureTask<Void> work = new FutureTask<>(this::work, null);
    Thread thread = new Thread(work, "fuzz-" + target.word());
    thread.setDaemon(true);
    thread.start();
    while (true) {
      try {
        work.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException goesOn) {
        Running now = running;
        if (now == null || !late(now)) continue;
        found(now.seed, now.trial, HANGS + ": not done after " + target.bounds().deadline(), trace(thread.getStackTrace()));
        next = now.seed + 1;
        return;
      } catch (ExecutionException e) {
        throw new IllegalStateException("fuzz %s, seed %d: no case: %s".formatted(target.word(), next, e.getCause()), e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private boolean late(Running now) {
    return Duration.ofNanos(System.nanoTime() - now.since).compareTo(target.bounds().deadline()) > 0;
  }

  private void work() {
    while (!over()) {
      long seed = next;
      Trial trial = target.draw(seed);
      log.begins(seed);
      long inUse = target.nativeInUse();
      Running mine = new Running(seed, trial, System.nanoTime());
      running = mine;
      Object outcome = outcome(trial);
      if (running == mine) running = null;
      Duration took = Duration.ofNanos(System.nanoTime() - mine.since);
      // Whoever watches has given this one up and has another thread go on.
      if (next != seed) return;
      judge(seed, trial, outcome, took, inUse);
      next = seed + 1;
    }
  }

  /** A word, or what was thrown, or what was wrong. What allocates too much does it again: the first time, classes may have been loaded. */
  private Object outcome(Trial trial) {
    Object first = attempt(trial);
    return first instanceof TooMuch ? attempt(trial) : first;
  }

  private Object attempt(Trial trial) {
    long before = threads.getCurrentThreadAllocatedBytes();
    Object outcome;
    try {
      outcome = trial.reading().call();
    } catch (Throwable e) {
      outcome = e;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    long most = target.bounds().heap(trial.input().length);
    if (allocated <= most || outcome instanceof Throwable) return outcome;
    return new TooMuch("allocates %d bytes for an input of %d (expected: at most %d); ended: %s"
        .formatted(allocated, trial.input().length, most, outcome));
  }

  private record TooMuch(String what) {}

  private void judge(long seed, Trial trial, Object outcome, Duration took, long inUseBefore) {
    long inUse = target.nativeInUse();
    if (outcome instanceof Throwable e) found(seed, trial, "throws " + e, trace(e));
    else if (outcome instanceof TooMuch much) found(seed, trial, much.what, "");
    else if (inUse != inUseBefore)
      found(seed, trial, "leaves %d bytes of native memory in use (expected: %d as before)".formatted(inUse, inUseBefore), "");
    else if (took.compareTo(target.bounds().deadline()) > 0) found(seed, trial, "took %s".formatted(took), "");
    else if (!grown(seed, trial, took)) ended(seed, (String) outcome, took);
  }

  private void ended(long seed, String outcome, Duration took) {
    tally.ended(seed, outcome, took);
    log.ended(seed, outcome, took);
  }

  private boolean grown(long seed, Trial trial, Duration took) {
    if (took.compareTo(WORTH_A_LOOK) < 0 && (seed - extent.seed()) % CASES_A_LOOK != CASES_A_LOOK - 1) return false;
    long grown = Footprint.peakBeyondHeap() - residentAtStart;
    Footprint.forgetPeak();
    if (grown <= target.bounds().residentBytes()) return false;
    residentAtStart = Footprint.beyondHeap();
    found(seed, trial, GREW + " by %d bytes beside its heap (expected: at most %d)"
        .formatted(grown, target.bounds().residentBytes()), "");
    return true;
  }

  private void found(long seed, Trial trial, String what, String detail) {
    Finding finding = new Finding(target.word(), seed, what, detail, trial.input());
    tally.found(finding);
    log.found(finding);
  }

  private static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString().lines().limit(30).collect(Collectors.joining("\n"));
  }

  private static String trace(StackTraceElement[] stack) {
    return Arrays.stream(stack).limit(30).map(frame -> "at " + frame).collect(Collectors.joining("\n"));
  }
}
