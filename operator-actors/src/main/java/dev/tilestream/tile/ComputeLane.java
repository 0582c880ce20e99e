package dev.tilestream.tile;

import dev.tilestream.kernel.Halt;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel threads of a device and the tiles that wait for them: sources take turns, of one source older inferences go before newer ones,
 * then the plan's order counts (see {@link LaneQueue}). Bounded. Thread-safe.
 *
 * <p>Between two kernels a lane thread also runs the actors that its own sends woke (see {@link LaneThread}), so that a chain of tiles
 * on one device costs no switch of threads.
 */
public final class ComputeLane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ComputeLane.class);
  private static final ThreadMXBean CPU_TIME = ManagementFactory.getThreadMXBean();
  /** A new lane counts as one that was unused for so long. */
  private static final long QUIET_BEFORE_NANOS = 3_600_000_000_000L;
  private static final AtomicInteger LANES = new AtomicInteger();

  private final LaneSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final LaneQueue queue;
  private final List<LaneThread> threads = new ArrayList<>();
  private final LongAdder busyNanos = new LongAdder();
  private final LongAdder jobs = new LongAdder();
  private final LongAdder together = new LongAdder();
  /** Tiles that wait or run. */
  private final AtomicInteger tiles = new AtomicInteger();
  private volatile long lastTileNanos = System.nanoTime() - QUIET_BEFORE_NANOS;
  /** Threads that wait for a job. */
  private int idle;
  private boolean closed;

  public ComputeLane(LaneSettings settings) {
    this.settings = settings;
    queue = new LaneQueue(settings.queue(), settings.turn().toNanos());
    int lane = LANES.incrementAndGet();
    for (int i = 0; i < settings.threads(); i++) threads.add(new LaneThread(this::serve, "tilestream-lane-" + lane + "-" + i));
    threads.forEach(Thread::start);
  }

  /** False when the queue is full, for this source at least, or the lane closed: the job will not run, and its pieces stay the caller's. */
  public boolean submit(LaneJob job) {
    lock.lock();
    try {
      if (closed || !queue.offer(job, System.nanoTime())) return false;
      if (!job.spare()) tiles.incrementAndGet();
      arrived.signal();
      if (queue.size() > idle && !job.spare() && !job.hedge()) clear(job);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** One that only hedges stands aside for {@code waits}. */
  private void clear(LaneJob waits) {
    for (LaneThread thread : threads) {
      LaneJob job = thread.running;
      if (job == null || job.spare() || job.source() != waits.source() || job.seniority() < waits.seniority() || !job.hedge()) continue;
      job.pause();
      return;
    }
  }

  public LaneSettings settings() {
    return settings;
  }

  /** Jobs that wait, cancelled ones included. */
  public int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** For how long no tile has wanted this lane; 0 while one waits or runs. */
  public long idleNanos() {
    return tiles.get() > 0 ? 0 : Math.max(0, System.nanoTime() - lastTileNanos);
  }

  /** Takes no more jobs. */
  public boolean closed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Time spent in kernels by all threads together, stretched time included. */
  public long busyNanos() {
    return busyNanos.sum();
  }

  /** Of {@link #jobs}, those that were computed together with others. */
  public long together() {
    return together.sum();
  }

  /** Tiles run so far. */
  public long jobs() {
    return jobs.sum();
  }

  private void serve() {
    LaneThread me = (LaneThread) Thread.currentThread();
    for (List<LaneQueue.Waiting> next = take(me); !next.isEmpty(); next = take(me)) {
      try {
        List<LaneQueue.Waiting> begun = next.stream().filter(waiting -> waiting.job().begin()).toList();
        if (begun.size() > 1) runTogether(begun);
        else if (begun.size() == 1 && begun.get(0).job().spare()) runSpare(begun.get(0));
        else if (begun.size() == 1) run(begun.get(0));
        me.runLocalTasks();
      } catch (RuntimeException | Error e) {
        LOG.error("lane: a job failed outside of its kernel", e);
      } finally {
        if (!next.get(0).job().spare()) {
          lastTileNanos = System.nanoTime();
          tiles.addAndGet(-next.size());
        }
      }
    }
  }

  private static void runSpare(LaneQueue.Waiting next) {
    long start = System.nanoTime();
    try {
      next.job().compute();
    } finally {
      next.job().finish(next.queuedNanos(), start, System.nanoTime());
    }
  }

  private void run(LaneQueue.Waiting next) {
    long start = System.nanoTime();
    long cpuStart = cpuNanos();
    try {
      next.job().compute();
    } finally {
      long computed = System.nanoTime();
      long due = due(next.job(), start, computed, cpuNanos() - cpuStart);
      long end = await(due, computed, next.job().halt());
      busyNanos.add(end - start);
      jobs.increment();
      charge(next.job().source(), end - start);
      if (next.job().again(end - due >= 0)) queueAgain(next.job());
      else next.job().finish(next.queuedNanos(), start, end);
    }
  }

  /** Jobs of one group: they share the time, each is charged its part. */
  private void runTogether(List<LaneQueue.Waiting> group) {
    long start = System.nanoTime();
    long cpuStart = cpuNanos();
    try {
      group.get(0).job().computeWith(group.stream().skip(1).map(LaneQueue.Waiting::job).toList());
    } finally {
      long computed = System.nanoTime();
      long took = settings.clock() == LaneSettings.Clock.CPU && settings.speed() < 1 ? cpuNanos() - cpuStart : computed - start;
      long due = settings.speed() >= 1 ? computed : Math.max(computed, start + (long) (took / settings.speed()));
      long end = await(due, computed, new Halt());
      busyNanos.add(end - start);
      jobs.add(group.size());
      together.add(group.size());
      for (LaneQueue.Waiting waiting : group) {
        charge(waiting.job().source(), (end - start) / group.size());
        finish(waiting, start, end);
      }
    }
  }

  private static void finish(LaneQueue.Waiting waiting, long start, long end) {
    try {
      waiting.job().finish(waiting.queuedNanos(), start, end);
    } catch (RuntimeException | Error e) {
      LOG.error("lane: a job failed outside of its kernel", e);
    }
  }

  private void queueAgain(LaneJob job) {
    lock.lock();
    try {
      tiles.incrementAndGet();
      queue.add(job, System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private void charge(long source, long nanos) {
    lock.lock();
    try {
      queue.charge(source, nanos);
    } finally {
      lock.unlock();
    }
  }

  /** This thread's processor time, where it is of interest. */
  private long cpuNanos() {
    return settings.speed() < 1 && settings.clock() == LaneSettings.Clock.CPU ? CPU_TIME.getCurrentThreadCpuTime() : 0;
  }

  /** When an emulated device would be done. */
  private long due(LaneJob job, long start, long end, long cpu) {
    if (settings.speed() >= 1) return end;
    long took = settings.clock() == LaneSettings.Clock.CPU ? cpu : end - start;
    return Math.max(end, start + (long) (job.pace(took) / settings.speed()));
  }

  /** Waits until {@code due}, or for less when nobody wants it; returns the time then. */
  private static long await(long due, long since, Halt halt) {
    if (due - since <= 0) return since;
    Thread waits = Thread.currentThread();
    halt.by(() -> LockSupport.unpark(waits));
    long now = since;
    while (due - now > 0 && !halt.halted()) {
      LockSupport.parkNanos(due - now);
      now = System.nanoTime();
    }
    halt.over();
    return now;
  }

  /** The next job, perhaps with others of its group; empty: the lane is closed. */
  private List<LaneQueue.Waiting> take(LaneThread me) {
    lock.lock();
    try {
      me.running = null;
      idle++;
      while (queue.isEmpty() && !closed) arrived.awaitUninterruptibly();
      idle--;
      LaneQueue.Waiting next = queue.poll();
      if (next == null) return List.of();
      me.running = next.job();
      return withAlike(next);
    } finally {
      lock.unlock();
    }
  }

  private List<LaneQueue.Waiting> withAlike(LaneQueue.Waiting next) {
    Together group = next.hedge() ? null : next.job().group();
    if (group == null || !group.wants()) return List.of(next);
    // What a thread that has nothing to do can take is not put into a group.
    int alike = Math.max(0, queue.waiting(group, settings.batch() - 1) - idle);
    int more = group.size(1 + alike) - 1;
    if (more == 0) return List.of(next);
    List<LaneQueue.Waiting> all = new ArrayList<>(List.of(next));
    all.addAll(queue.pollAlike(group, more));
    return all;
  }

  /** Takes no more jobs; what waits still runs, then the threads end. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the threads to end after {@link #close}; false when {@code millis} have passed before. */
  public boolean join(long millis) throws InterruptedException {
    long until = System.nanoTime() + millis * 1_000_000;
    for (Thread thread : threads) thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
    return threads.stream().noneMatch(Thread::isAlive);
  }
}
