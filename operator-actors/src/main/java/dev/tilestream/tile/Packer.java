package dev.tilestream.tile;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.Packing;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Decides what a link packs: a tensor's rows, when by its last chunks that takes less time than the air saves. What does not pay is tried
 * again now and then, since data and air change. Not thread-safe: its link's alone.
 */
final class Packer implements AutoCloseable {
  /** Below that, headers and turns count for more than bytes. */
  private static final int SMALLEST = 4 << 10;
  /** Chunks of a tensor that go as they are between two trials, at least. */
  private static final int TRIAL_EVERY = 32;
  /** Of the air's time, what trials may take. */
  private static final double TRIAL_SHARE = 0.01;
  private static final int REMEMBERED = 1024;
  /** Share of a new figure that is believed. */
  private static final double BELIEVED = 0.25;
  /**
   * By what factor a new time may differ from what is believed, and count in full. The first packings of a process are ten times as slow as
   * what follows, and one that lost its processor says nothing of the next: believed as they are, they would end packing before it was ever warm.
   */
  private static final double PLAUSIBLE = 2;
  /** Unpacking, of what packing takes. */
  private static final double UNPACKING = 0.5;
  /** What the air must save over what both take, as a share. */
  private static final double MARGIN = 1.2;
  /** Until it was measured. */
  private static final double GUESSED_SECONDS_PER_BYTE = 5e-9;

  private record Key(long slot, int tensor) {}

  /** What became of a tensor's chunks. */
  private static final class Figures {
    /** Bytes on the air as a share of the rows'; NaN before the first. */
    private double share = Double.NaN;
    private int sinceTrial;
  }

  private final BufferPool pool;
  private final boolean enabled;
  private final LongSupplier nanoTime;
  private final Map<Key, Figures> known = new LinkedHashMap<>(64, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, Figures> eldest) {
      return size() > REMEMBERED;
    }
  };
  /** Made when first needed: it holds native memory. */
  private Packing packing;
  private double secondsPerByte = GUESSED_SECONDS_PER_BYTE;

  Packer(BufferPool pool, boolean enabled) {
    this(pool, enabled, System::nanoTime);
  }

  Packer(BufferPool pool, boolean enabled, LongSupplier nanoTime) {
    this.pool = pool;
    this.enabled = enabled;
    this.nanoTime = nanoTime;
  }

  /**
   * The chunk as it should travel; takes {@code chunk} over.
   *
   * @param bytesPerSecond what the link carries; 0: unknown
   */
  Parcel pack(Parcel chunk, double bytesPerSecond) {
    TensorSlice rows = chunk.rows();
    if (!enabled || bytesPerSecond <= 0 || chunk.tile() == Parcel.NOBODY || rows.bytes() < SMALLEST) return chunk;
    Figures figures = known.computeIfAbsent(new Key(chunk.deployment().slot(), rows.tensor()), k -> new Figures());
    // NaN is worth a trial if packing any tensor could be.
    double share = Double.isNaN(figures.share) ? 0.5 : figures.share;
    boolean pays = (1 - share) / bytesPerSecond > MARGIN * (1 + UNPACKING) * secondsPerByte;
    if (!pays && ++figures.sinceTrial < chunksToTrial(bytesPerSecond)) return chunk;
    figures.sinceTrial = 0;
    return pack(chunk, rows, figures);
  }

  /** On a quick link packing one chunk takes as long as sending several. */
  private double chunksToTrial(double bytesPerSecond) {
    return Math.max(TRIAL_EVERY, secondsPerByte * bytesPerSecond / TRIAL_SHARE);
  }

  private Parcel pack(Parcel chunk, TensorSlice rows, Figures figures) {
    if (packing == null) packing = new Packing();
    long start = nanoTime.getAsLong();
    TensorSlice packed = packing.pack(rows, pool).orElse(null);
    double took = (nanoTime.getAsLong() - start) * 1e-9 / rows.bytes();
    double ratio = Math.max(1 / PLAUSIBLE, Math.min(PLAUSIBLE, took / secondsPerByte));
    secondsPerByte *= Math.pow(ratio, BELIEVED);
    double share = packed == null ? 1 : (double) packed.wireBytes() / rows.bytes();
    figures.share = Double.isNaN(figures.share) ? share : figures.share + BELIEVED * (share - figures.share);
    if (packed == null) return chunk;
    rows.release();
    return chunk.with(packed);
  }

  @Override
  public void close() {
    if (packing != null) packing.close();
    packing = null;
  }
}
