package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PackerTest {
  private static final double SLOW = 1e5;
  private static final double FAST = 1e12;

  private final BufferPool pool = BufferPool.bounded(64 << 20, 1 << 20);
  private final Packer packer = new Packer(pool, true);
  private final Random random = new Random(9);

  @AfterEach
  void everythingCameBack() {
    packer.close();
    assertThat(pool.inUse()).isZero();
    pool.close();
  }

  private Parcel chunk(int tensor, boolean noise) {
    int floats = 1 << 13;
    TensorSlice rows = TensorSlice.allocate(pool, tensor, DataType.FLOAT32, Shape.of(floats), 0, RowSpan.first(floats));
    ByteBuffer data = rows.data();
    while (data.hasRemaining()) data.putInt(noise ? random.nextInt() : random.nextInt(3));
    return new Parcel(new DeploymentId(1, 1), new InferenceId(1, 1), 0, 0, rows);
  }

  private boolean packs(Packer by, Parcel chunk, double rate) {
    Parcel sent = by.pack(chunk, rate);
    boolean packed = sent.rows().packed();
    assertThat(sent.wireBytes() < sent.rows().bytes()).isEqualTo(packed);
    sent.rows().release();
    return packed;
  }

  @Test
  void packsForAnAirThatIsSlowerThanPacking() {
    for (int i = 0; i < 10; i++) assertThat(packs(packer, chunk(1, false), SLOW)).isTrue();
    assertThat(packs(packer, chunk(1, false), FAST)).isFalse();
    assertThat(packs(packer, chunk(1, false), 0)).as("a rate that nobody knows").isFalse();
  }

  @Test
  void whatDidNotPackIsLeftAloneForAWhile() {
    packs(packer, chunk(2, true), SLOW);
    for (int i = 0; i < 20; i++) assertThat(packs(packer, chunk(2, false), SLOW)).isFalse();
    assertThat(packs(packer, chunk(3, false), SLOW)).as("another tensor").isTrue();
  }

  @Test
  void whatBecomesCompressibleIsPackedAgainInTheEnd() {
    for (int i = 0; i < 3; i++) packs(packer, chunk(2, true), SLOW);
    int packed = 0;
    for (int i = 0; i < 200; i++) if (packs(packer, chunk(2, false), SLOW)) packed++;
    assertThat(packed).isGreaterThan(100);
  }

  @Test
  void onAQuickLinkTrialsAreRare() {
    for (int i = 0; i < 400; i++) assertThat(packs(packer, chunk(1, false), 1e9)).isFalse();
  }

  @Test
  void fewSlowPackingsEndNothingAndManyDo() {
    double rate = 5e6;
    int bytes = 4 << 13;
    assertThat(packedOfForty(300e-9 * bytes, 5e-9 * bytes, rate)).as("cold at first").isEqualTo(40);
    assertThat(packedOfForty(300e-9 * bytes, 300e-9 * bytes, rate)).as("slower than the air").isLessThan(20);
  }

  /** How many of 40 chunks are packed when each takes {@code late} seconds, the first eight {@code early}. */
  private int packedOfForty(double early, double late, double rate) {
    long[] now = {0};
    int[] calls = {0};
    Packer slow = new Packer(pool, true, () -> now[0] += (long) (1e9 * (calls[0]++ < 16 ? early : late)));
    int packed = 0;
    for (int i = 0; i < 40; i++) if (packs(slow, chunk(1, false), rate)) packed++;
    slow.close();
    return packed;
  }

  @Test
  void packsNothingWhereItIsSwitchedOff() {
    Packer off = new Packer(pool, false);
    assertThat(packs(off, chunk(1, false), SLOW)).isFalse();
    off.close();
  }
}
