package dev.tilestream.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PackingTest {
  private final BufferPool pool = BufferPool.bounded(64 << 20, 1 << 20);
  private final Packing packing = new Packing();
  private final Random random = new Random(4);

  @AfterEach
  void everythingCameBack() {
    packing.close();
    assertThat(pool.inUse()).isZero();
    pool.close();
  }

  /** What it becomes again, released; null where packing does not help. */
  private byte[] thereAndBack(TensorSlice rows) {
    TensorSlice packed = packing.pack(rows, pool).orElse(null);
    if (packed == null) return null;
    assertThat(packed.packed()).isTrue();
    assertThat(packed.bytes()).isEqualTo(rows.bytes());
    assertThat(packed.wireBytes()).isLessThan(rows.bytes());
    ByteBuffer bytes = packed.buffer().bytes().limit((int) packed.wireBytes());
    TensorSlice back = TensorSlice.allocate(pool, rows.tensor(), rows.type(), rows.shape(), rows.axis(), rows.span());
    Packing.unpack(bytes, rows.type(), (int) rows.bytes(), back.buffer(), pool);
    byte[] content = RandomSlices.bytesOf(back);
    back.release();
    packed.release();
    return content;
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void rowsOfEveryTypeComeBackAsTheyWere(DataType type) {
    TensorSlice held = TensorSlice.allocate(pool, 1, type, Shape.of(1, 5, 40, 8), 2, RowSpan.first(40));
    ByteBuffer data = held.data();
    while (data.hasRemaining()) data.put((byte) random.nextInt(4));
    for (TensorSlice rows : new TensorSlice[] {held.rows(RowSpan.first(40)), held.rows(RowSpan.of(3, 29))}) {
      assertThat(thereAndBack(rows)).isEqualTo(RandomSlices.bytesOf(rows));
      rows.release();
    }
    held.release();
  }

  private TensorSlice floats(int count) {
    return TensorSlice.allocate(pool, 1, DataType.FLOAT32, Shape.of(count), 0, RowSpan.first(count));
  }

  @Test
  void whatARectifierLeavesTakesTwoThirdsOrLess() {
    TensorSlice rows = floats(1 << 16);
    ByteBuffer data = rows.data();
    while (data.hasRemaining()) data.putFloat((float) Math.max(0, random.nextGaussian()));
    TensorSlice packed = packing.pack(rows, pool).orElseThrow();
    assertThat((double) packed.wireBytes() / rows.bytes()).isBetween(0.4, 0.66);
    packed.release();
    rows.release();
  }

  @Test
  void noiseTravelsAsItIs() {
    TensorSlice rows = floats(1 << 14);
    ByteBuffer data = rows.data();
    while (data.hasRemaining()) data.putInt(random.nextInt());
    assertThat(packing.pack(rows, pool)).isEmpty();
    rows.release();
  }

  @Test
  void withoutMemoryRowsTravelAsTheyAre() {
    TensorSlice rows = floats(1 << 14);
    try (BufferPool small = BufferPool.bounded(1 << 10, 0)) {
      assertThat(packing.pack(rows, small)).isEmpty();
    }
    rows.release();
  }

  @Test
  void whatIsNotPackedIsRefusedAndNothingIsWrittenBehindTheRows() {
    TensorSlice rows = floats(1 << 12);
    ByteBuffer data = rows.data();
    while (data.hasRemaining()) data.put((byte) 0);
    TensorSlice packed = packing.pack(rows, pool).orElseThrow();
    byte[] good = new byte[(int) packed.wireBytes()];
    packed.buffer().bytes().get(0, good);
    NativeBuffer into = pool.acquire(rows.bytes());
    assertThat(refused(good, good.length, (int) rows.bytes(), into)).isFalse();
    assertThat(refused(good, good.length, (int) rows.bytes() - 4, into)).as("more than there is room for").isTrue();
    assertThat(refused(good, good.length, (int) rows.bytes() + 4, into)).as("less than the rows").isTrue();
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      if (refused(bad, 1 + random.nextInt(bad.length), (int) rows.bytes(), into)) refused++;
    }
    assertThat(refused).isGreaterThan(1_000);
    into.release();
    packed.release();
    rows.release();
  }

  private boolean refused(byte[] packed, int length, int bytes, NativeBuffer into) {
    try {
      Packing.unpack(ByteBuffer.wrap(packed, 0, length), DataType.FLOAT32, bytes, into, pool);
      return false;
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("expected");
      return true;
    }
  }
}
