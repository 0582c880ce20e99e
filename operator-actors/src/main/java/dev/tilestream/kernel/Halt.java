package dev.tilestream.kernel;

import java.util.concurrent.CancellationException;

/** Ends a kernel's run early when nobody wants its results any more. One for each run. Thread-safe. */
public final class Halt {
  private boolean halted;
  private Runnable remedy = () -> {};

  /** The run should end; may be said before it begins, and more than once. */
  public synchronized void halt() {
    if (halted) return;
    halted = true;
    remedy.run();
  }

  public synchronized boolean halted() {
    return halted;
  }

  /** What ends the work that begins now; run at once when it should have ended before. Replaces what was given before. */
  public synchronized void by(Runnable what) {
    remedy = what;
    if (halted) what.run();
  }

  /** That work is over: what was given is not run any more. */
  public synchronized void over() {
    remedy = () -> {};
  }

  /** @throws CancellationException when the run should end */
  void check() {
    if (halted()) throw new CancellationException("halted: nobody wants its results");
  }
}
