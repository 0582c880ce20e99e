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
 * Measures a way that nothing goes over, or too little to tell, by a parcel for nobody. Without, a way that was slow when it was last used
 * would be thought slow for ever, since plans avoid it. What lies between its head and its body tells the rate, however long the way and
 * however late this machine. What it takes of the air is a share of the pause before the next. Not thread-safe: its link's alone.
 */
final class Sounding {
  private static final double AIR_SECONDS = 4e-3;
  /** A slow way may become quick again. Below 0.75 Mbit/s soundings take more than their share then. */
  private static final double LONGEST_PAUSE_SECONDS = 10;
  /** After an outage a way is thought slower than it is, and must not be for long: traffic needs no such pause as soundings do. */
  private static final double QUIET_SECONDS = 2;
  private static final int ROW_BYTES = 1024;
  /** What tells more than a busy machine blurs, where there is room for it. */
  private static final int FEWEST_ROWS = 12;
  /** The body alone must be what {@link LinkMeter} believes. */
  private static final int FEWEST_ROWS_OF_SLOW_WAYS = 1 + LinkMeter.SMALLEST_SAMPLE / ROW_BYTES;
  private static final int MOST_ROWS = 64;
  private static final DeploymentId NO_DEPLOYMENT = new DeploymentId(0, 0);
  private static final InferenceId NO_INFERENCE = new InferenceId(0, 0);
  /** Nothing that compression on the way could make smaller. */
  private static final byte[] NOISE = new byte[MOST_ROWS * ROW_BYTES];

  static {
    new SplittableRandom(1).nextBytes(NOISE);
  }

  private final BufferPool pool;
  private final double share;
  private long lastNanos;

  /** @param share of the air's time that soundings may take; 0: there are none */
  Sounding(BufferPool pool, double share) {
    this.pool = pool;
    this.share = share;
    lastNanos = System.nanoTime();
  }

  /** Whether it is time for one, when other traffic told of the way at {@code measured} last. The next is due a pause later. */
  boolean due(long now, long measured, double bytesPerSecond) {
    if (share == 0) return false;
    double pause = pauseSeconds(bytesPerSecond);
    if ((now - lastNanos) * 1e-9 < pause || (now - measured) * 1e-9 < Math.min(pause, QUIET_SECONDS)) return false;
    lastNanos = now;
    return true;
  }

  /** Between two of them. */
  double pauseSeconds(double bytesPerSecond) {
    double air = bytesPerSecond > 0 ? (double) rows(bytesPerSecond) * ROW_BYTES / bytesPerSecond : AIR_SECONDS;
    return Math.min(Math.max(air, AIR_SECONDS) / share, Math.max(LONGEST_PAUSE_SECONDS, AIR_SECONDS / share));
  }

  private int rows(double bytesPerSecond) {
    double rows = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, bytesPerSecond * AIR_SECONDS / ROW_BYTES));
    double room = bytesPerSecond > 0 ? share * LONGEST_PAUSE_SECONDS * bytesPerSecond / ROW_BYTES : rows;
    return (int) Math.max(FEWEST_ROWS_OF_SLOW_WAYS, Math.min(rows, room));
  }

  /** Head and body, to be sent one behind the other; empty when there is no memory for them. The caller's. */
  List<Parcel> parcels(double bytesPerSecond) {
    int rows = rows(bytesPerSecond);
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
