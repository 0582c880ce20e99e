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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendQueueTest {
  private final BufferPool pool = BufferPool.bounded(1 << 20, 0);
  private final SendQueue queue = new SendQueue(10_000, 1000);

  @AfterEach
  void nothingLeaks() {
    queue.clear(waiting -> {});
    assertThat(pool.inUse()).isZero();
    assertThat(queue.bytes()).isZero();
  }

  /** Rows of 100 bytes, over two channels. */
  private Parcel parcel(long sequence, int urgency, int rows) {
    Shape shape = Shape.of(1, 2, rows, 50);
    TensorSlice slice = TensorSlice.allocate(pool, 0, DataType.UINT8, shape, 2, RowSpan.first(rows));
    return new Parcel(new DeploymentId(1, 1), new InferenceId(1, sequence), 3, urgency, slice);
  }

  private List<String> drain() {
    List<String> order = new ArrayList<>();
    while (!queue.isEmpty()) {
      long announced = queue.nextBytes();
      Parcel p = queue.poll();
      assertThat(p.rows().bytes()).isEqualTo(announced);
      order.add(p.inference().sequence() + "/" + p.urgency() + p.rows().span());
      p.rows().release();
    }
    return order;
  }

  @Test
  void olderInferencesGoFirstThenUrgentOnesThenAsTheyCame() {
    queue.offer(parcel(9, 0, 1), 2);
    queue.offer(parcel(4, 7, 2), 1);
    queue.offer(parcel(4, 3, 3), 1);
    queue.offer(parcel(4, 3, 4), 1);
    assertThat(drain()).containsExactly("4/3[0, 3)", "4/3[0, 4)", "4/7[0, 2)", "9/0[0, 1)");
  }

  @Test
  void cutsBigSlicesSoThatUrgentRowsGetInBetween() {
    queue.offer(parcel(1, 5, 25), 1);
    queue.poll().rows().release();
    queue.offer(parcel(1, 0, 1), 1);
    assertThat(drain()).containsExactly("1/0[0, 1)", "1/5[10, 20)", "1/5[20, 25)");
  }

  @Test
  void aRowLongerThanAChunkTravelsWhole() {
    TensorSlice slice = TensorSlice.allocate(pool, 0, DataType.UINT8, Shape.of(2, 3000), 0, RowSpan.first(2));
    queue.offer(new Parcel(new DeploymentId(1, 1), new InferenceId(1, 1), 0, 0, slice), 1);
    assertThat(drain()).containsExactly("1/0[0, 1)", "1/0[1, 2)");
  }

  @Test
  void isBoundedButTakesAnythingWhenEmpty() {
    assertThat(queue.offer(parcel(1, 0, 200), 1)).isTrue();
    Parcel second = parcel(2, 0, 1);
    assertThat(queue.offer(second, 2)).isFalse();
    second.rows().release();
  }

  @Test
  void droppingAnInferenceReleasesWhatIsLeftOfIt() {
    queue.offer(parcel(1, 0, 25), 1);
    queue.offer(parcel(2, 0, 4), 2);
    queue.poll().rows().release();
    queue.drop(new InferenceId(1, 1));
    assertThat(queue.bytes()).isEqualTo(400);
    assertThat(drain()).containsExactly("2/0[0, 4)");
  }
}
