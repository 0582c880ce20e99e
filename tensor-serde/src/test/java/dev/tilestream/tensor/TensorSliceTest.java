package dev.tilestream.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorSliceTest {
  private final BufferPool pool = BufferPool.bounded(64 << 20, 1 << 20);

  @AfterEach
  void everythingCameBack() {
    assertThat(pool.inUse()).isZero();
    pool.close();
  }

  @Test
  void copyingAnyViewIntoAnyOtherMovesExactlyTheCommonRows() {
    RandomSlices slices = new RandomSlices(7, pool, 7);
    for (int i = 0; i < 5_000; i++) {
      Shape shape = slices.shape();
      int axis = slices.axis(shape);
      DataType type = slices.type();
      TensorSlice from = slices.slice(type, shape, axis, slices.within(TensorSlice.all(shape, axis)));
      TensorSlice to = slices.slice(type, shape, axis, slices.within(TensorSlice.all(shape, axis)));
      byte[] expected = RandomSlices.bytesOf(to);
      byte[] source = RandomSlices.bytesOf(from);
      byte[] surroundings = surroundings(to);
      copyNaively(from, source, to, expected);
      from.copyTo(to);
      assertThat(RandomSlices.bytesOf(to)).as("%s into %s", from, to).isEqualTo(expected);
      assertThat(RandomSlices.bytesOf(from)).isEqualTo(source);
      assertThat(surroundings(to)).as("rows held but not shown by %s", to).isEqualTo(surroundings);
      from.release();
      to.release();
    }
  }

  /** Element by element on the dense bytes of both: the model that gather and scatter must agree with. */
  private static void copyNaively(TensorSlice from, byte[] source, TensorSlice to, byte[] target) {
    int axis = from.axis();
    long outer = axis < 0 ? 1 : from.shape().outer(axis);
    int row = (int) (axis < 0 ? from.bytes() : from.shape().inner(axis) * from.type().bytes());
    for (int o = 0; o < outer; o++)
      for (int r = 0; r < from.span().hull(to.span()).to(); r++) {
        if (!from.span().contains(r) || !to.span().contains(r)) continue;
        int s = (o * from.span().rows() + r - from.span().from()) * row;
        int t = (o * to.span().rows() + r - to.span().from()) * row;
        System.arraycopy(source, s, target, t, row);
      }
  }

  /** Rows that the memory holds before and behind the rows shown. */
  private static byte[] surroundings(TensorSlice slice) {
    byte[] all = new byte[slice.buffer().capacity()];
    slice.buffer().bytes().get(all);
    for (int i = 0; i < slice.runs(); i++)
      Arrays.fill(all, slice.runOffset(i), slice.runOffset(i) + slice.runBytes(), (byte) 0);
    return all;
  }

  @Test
  void runsCoverTheRowsShownInOrder() {
    RandomSlices slices = new RandomSlices(8, pool, 6);
    for (int i = 0; i < 2_000; i++) {
      TensorSlice slice = slices.slice();
      byte[] joined = new byte[(int) slice.bytes()];
      assertThat((long) slice.runs() * slice.runBytes()).isEqualTo(slice.bytes());
      for (int r = 0; r < slice.runs(); r++)
        slice.buffer().bytes().get(slice.runOffset(r), joined, r * slice.runBytes(), slice.runBytes());
      assertThat(joined).as("%s", slice).isEqualTo(RandomSlices.bytesOf(slice));
      slice.release();
    }
  }

  @Test
  void aNarrowerViewKeepsTheMemoryAliveAfterTheWiderOneIsReleased() {
    TensorSlice whole = TensorSlice.allocate(pool, 1, DataType.UINT8, Shape.of(1, 2, 3, 1), 2, RowSpan.first(3));
    whole.data().put(new byte[] {1, 2, 3, 4, 5, 6});
    TensorSlice middle = whole.rows(RowSpan.of(1, 2));
    whole.release();
    assertThat(RandomSlices.bytesOf(middle)).containsExactly(2, 5);
    assertThat(pool.inUse()).isPositive();
    middle.release();
  }

  @Test
  void refusedSlicesTakeNoMemory() {
    Shape shape = Shape.of(1, 3, 4, 4);
    assertThatThrownBy(() -> TensorSlice.allocate(pool, 1, DataType.INT8, shape, 2, RowSpan.of(0, 5)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[0, 5)").hasMessageContaining("4 rows");
    assertThatThrownBy(() -> TensorSlice.allocate(pool, 1, DataType.INT8, shape, 4, RowSpan.first(1)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("axis: 4");
    assertThatThrownBy(() -> TensorSlice.allocate(pool, 1, DataType.INT8, shape, -2, RowSpan.first(1)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("axis: -2");
    assertThat(pool.inUse()).isZero();
  }
}
