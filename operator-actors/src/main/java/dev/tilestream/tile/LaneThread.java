package dev.tilestream.tile;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of the compute lane. Actors of the tile dispatcher that are woken from it run on it, right behind the kernel that woke them:
 * the next tile of a chain then starts in microseconds instead of after two switches of threads.
 */
final class LaneThread extends Thread {
  private static final Logger LOG = LoggerFactory.getLogger(LaneThread.class);

  /** What it runs, or ran last; guarded by the lane's lock. */
  LaneJob running;
  private final ArrayDeque<Runnable> local = new ArrayDeque<>();

  LaneThread(Runnable body, String name) {
    super(body, name);
    setDaemon(true);
  }

  /** Only on this thread. */
  void later(Runnable task) {
    local.add(task);
  }

  /** Only on this thread. Runs what was put by, and what that puts by in turn. */
  void runLocalTasks() {
    for (Runnable task = local.poll(); task != null; task = local.poll()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        LOG.error("lane: an actor's turn failed", e);
      }
    }
  }
}
