package dev.tilestream.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HalvesTest {
  private static final Shape SHAPE = Shape.of(2, 3, 40, 17);
  private final BufferPool pool = BufferPool.bounded(1 << 24, 0);

  @AfterEach
  void allMemoryComesBack() {
    assertThat(pool.inUse()).isZero();
  }

  private TensorSlice floats(float... values) {
    TensorSlice slice = TensorSlice.allocate(pool, 5, DataType.FLOAT32, Shape.of(values.length), 0, RowSpan.first(values.length));
    slice.data().asFloatBuffer().put(values);
    return slice;
  }

  private float[] thereAndBack(float... values) {
    TensorSlice rows = floats(values);
    TensorSlice half = Halves.narrow(rows, pool);
    TensorSlice back = Halves.widen(half, pool);
    float[] came = new float[values.length];
    back.data().asFloatBuffer().get(came);
    assertThat(half.bytes()).isEqualTo(rows.bytes() / 2);
    rows.release();
    half.release();
    back.release();
    return came;
  }

  @Test
  void anElementIsOffByHalfAUnitInTheLastPlaceAtMost() {
    RandomSlices random = new RandomSlices(3, pool, 9);
    float[] values = new float[5000];
    for (int i = 0; i < values.length; i++) values[i] = (float) ((random.random().nextDouble() - 0.5) * Math.pow(2, random.random().nextInt(-20, 16)));
    float[] came = thereAndBack(values);
    for (int i = 0; i < values.length; i++)
      assertThat(Math.abs(came[i] - values[i])).as("of %s", values[i]).isLessThanOrEqualTo(Math.max(Math.abs(values[i]) * 0x1p-11f, 0x1p-25f));
  }

  @Test
  void whatHalfPrecisionHasComesBackAsItWas() {
    float[] values = {0, -0f, 1, -1.5f, 65504, 0x1p-24f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};
    assertThat(thereAndBack(values)).containsExactly(values);
  }

  @Test
  void whatIsFiniteStaysFinite() {
    assertThat(thereAndBack(1e6f, -Float.MAX_VALUE, 65519)).containsExactly(65504, -65504, 65504);
  }

  /** Rows of an NCHW tensor are strided in memory that holds more of them. */
  @Test
  void anyRowsOfAnyMemoryAreTheSameRows() {
    RandomSlices random = new RandomSlices(7, pool, 9);
    for (int trial = 0; trial < 200; trial++) {
      RowSpan span = random.within(RowSpan.first(40));
      TensorSlice rows = random.slice(DataType.FLOAT32, SHAPE, 2, span);
      TensorSlice half = Halves.narrow(rows, pool);
      TensorSlice some = half.rows(random.within(span));
      TensorSlice back = Halves.widen(some, pool);
      assertThat(half.span()).isEqualTo(span);
      assertThat(back.span()).isEqualTo(some.span());
      TensorSlice expected = rows.rows(back.span());
      ByteBuffer floats = ByteBuffer.wrap(RandomSlices.bytesOf(expected)).order(ByteOrder.nativeOrder());
      ByteBuffer halves = ByteBuffer.wrap(RandomSlices.bytesOf(some)).order(ByteOrder.nativeOrder());
      for (int i = 0; i < halves.capacity() / 2; i++) {
        float value = floats.getFloat(4 * i);
        float bounded = Float.isFinite(value) ? Math.max(-65504, Math.min(65504, value)) : value;
        float rounded = HalfFloat.fromFloat16(halves.getShort(2 * i));
        // Boxed, so that one that is not a number equals another.
        assertThat(Float.valueOf(rounded)).isEqualTo(Float.valueOf(HalfFloat.fromFloat16(HalfFloat.toFloat16(bounded))));
        assertThat(Float.valueOf(back.data().getFloat(4 * i))).isEqualTo(Float.valueOf(rounded));
      }
      for (TensorSlice s : new TensorSlice[] {rows, half, some, back, expected}) s.release();
    }
  }

  @Test
  void onlyFloatsAreRounded() {
    TensorSlice whole = TensorSlice.allocate(pool, 1, DataType.INT32, Shape.of(3), 0, RowSpan.first(3));
    assertThatThrownBy(() -> Halves.narrow(whole, pool)).hasMessageContaining("expected: plain FLOAT32");
    assertThatThrownBy(() -> Halves.widen(whole, pool)).hasMessageContaining("expected: plain FLOAT16");
    whole.release();
  }
}
