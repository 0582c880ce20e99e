package dev.tilestream.tile;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Measures a way that nothing goes over, or too little to tell, by a parcel for nobody. Without, a way that was slow when it was last used would be thought slow
 * for ever, since plans avoid it. What lies between its head and its body tells the rate, however long the way and however late this
 * machine. Each takes about the same time of the air, whatever its rate, and so their share is the pause between them. Not thread-safe:
 * its link's alone.
 */
final class Sounding {
  private static final double AIR_SECONDS = 4e-3;
  private static final int ROW_BYTES = 1024;
  private static final int FEWEST_ROWS = 16;
  private static final int MOST_ROWS = 64;
  private static final DeploymentId NO_DEPLOYMENT = new DeploymentId(0, 0);
  private static final InferenceId NO_INFERENCE = new InferenceId(0, 0);
  /** Nothing that compression on the way could make smaller. */
  private static final byte[] NOISE = new byte[MOST_ROWS * ROW_BYTES];

  static {
    new SplittableRandom(1).nextBytes(NOISE);
  }

  private final BufferPool pool;
  private final long pauseNanos;
  private long dueNanos;

  /** @param share of the air's time that soundings may take; 0: there are none */
  Sounding(BufferPool pool, double share) {
    this.pool = pool;
    dueNanos = System.nanoTime();
    pauseNanos = share == 0 ? Long.MAX_VALUE : (long) (AIR_SECONDS / share * 1e9);
  }

  /** Whether it is time for one, when other traffic told of the way at {@code measured} last. The next is due a pause later. */
  boolean due(long now, long measured) {
    if (now - measured < pauseNanos || now - dueNanos < pauseNanos) return false;
    dueNanos = now;
    return true;
  }

  /** Head and body, to be sent one behind the other; empty when there is no memory for them. The caller's. */
  List<Parcel> parcels(double bytesPerSecond) {
    int rows = (int) Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, bytesPerSecond * AIR_SECONDS / ROW_BYTES));
    try {
      TensorSlice all = TensorSlice.allocate(pool, 0, DataType.UINT8, Shape.of(rows, ROW_BYTES), 0, RowSpan.first(rows));
      all.data().put(NOISE, 0, rows * ROW_BYTES);
      List<Parcel> parcels = List.of(toNobody(all.rows(RowSpan.first(1))), toNobody(all.rows(RowSpan.of(1, rows))));
      all.release();
      return parcels;
    } catch (BufferPool.Exhausted busy) {
      return List.of();
    }
  }

  private static Parcel toNobody(TensorSlice rows) {
    return new Parcel(NO_DEPLOYMENT, NO_INFERENCE, Parcel.NOBODY, Integer.MAX_VALUE, rows);
  }
}
