package dev.tilestream.tile;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Measures a way that nothing goes over, by a parcel for nobody. Without, a way that was slow when it was last used would be thought slow
 * for ever, since plans avoid it. It goes as several chunks, so that what lies between two of them tells the rate, however long the
 * round trip. Not thread-safe: its link's alone.
 */
final class Sounding {
  private static final int ROW_BYTES = 1024;
  private static final int ROWS = 64;
  private static final long SHORTEST_NANOS = 250_000_000;
  private static final long LONGEST_NANOS = 5_000_000_000L;
  private static final Shape SHAPE = Shape.of(ROWS, ROW_BYTES);
  /** Nothing that compression on the way could make smaller. */
  private static final byte[] NOISE = new byte[ROWS * ROW_BYTES];

  static {
    new SplittableRandom(1).nextBytes(NOISE);
  }

  private static final DeploymentId NO_DEPLOYMENT = new DeploymentId(0, 0);
  private static final InferenceId NO_INFERENCE = new InferenceId(0, 0);

  private final BufferPool pool;
  private final double share;

  /** @param share of what the way carries that soundings may take; 0: there are none */
  Sounding(BufferPool pool, double share) {
    this.pool = pool;
    this.share = share;
  }

  /** How long nothing went over a way of that rate before it is worth a sounding. */
  long pauseNanos(double bytesPerSecond) {
    double nanos = ROWS * ROW_BYTES / (share * bytesPerSecond) * 1e9;
    return (long) Math.max(SHORTEST_NANOS, Math.min(LONGEST_NANOS, nanos));
  }

  /** Not when there shall be none, nor memory for one. The caller's. */
  Optional<Parcel> parcel() {
    if (share == 0) return Optional.empty();
    try {
      TensorSlice rows = TensorSlice.allocate(pool, 0, DataType.UINT8, SHAPE, 0, RowSpan.first(ROWS));
      rows.data().put(NOISE);
      return Optional.of(new Parcel(NO_DEPLOYMENT, NO_INFERENCE, Parcel.NOBODY, Integer.MAX_VALUE, rows));
    } catch (BufferPool.Exhausted busy) {
      return Optional.empty();
    }
  }
}
