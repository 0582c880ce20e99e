package dev.tilestream.scheduler.profile;

import java.util.function.Supplier;

/** Who lets the profiler compute, piece by piece, so that it does not get in the way of inferences. */
public interface Turns {
  /** For a device that nobody else uses. */
  Turns AT_ONCE = new Turns() {
    @Override
    public <T> T take(Supplier<T> piece) {
      return piece.get();
    }

    @Override
    public boolean quiet(long patienceNanos) {
      return true;
    }
  };

  /** Has {@code piece} run when it disturbs nobody much, on whichever thread; returns what it returns, throws what it throws. */
  <T> T take(Supplier<T> piece);

  /** Waits until nobody computes here, at most so long. False when somebody still does: a long piece would get in the way. */
  boolean quiet(long patienceNanos);
}
