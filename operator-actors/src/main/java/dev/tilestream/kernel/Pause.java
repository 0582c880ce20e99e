package dev.tilestream.kernel;

import java.util.concurrent.locks.LockSupport;

/** Waiting for an instant of {@link System#nanoTime}. */
@FunctionalInterface
interface Pause {
  /** A sleeping thread may wake this much late; so it sleeps until this long before, and turns over the rest. */
  long TURNING_NANOS = 100_000;

  /** Returns at {@code nanos}, not before, unless halted. */
  void until(long nanos, Halt halt);

  /**
   * To some microseconds where a processor is free. Sleeps, so that others may compute meanwhile, and turns for the last {@link
   * #TURNING_NANOS} at most. Interrupts do not shorten it; the thread stays interrupted.
   */
  static void precisely(long nanos, Halt halt) {
    boolean interrupted = false;
    for (long left = nanos - System.nanoTime(); left > 0 && !halt.halted(); left = nanos - System.nanoTime()) {
      if (left > TURNING_NANOS) {
        interrupted |= Thread.interrupted();
        LockSupport.parkNanos(left - TURNING_NANOS);
      } else {
        Thread.onSpinWait();
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
