package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.BoxGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PacedKernelsTest {
  private static final OperatorGraph GRAPH = BoxGraph.chain(2, 3, 16, 8);

  private final BufferPool pool = BufferPool.bounded(1 << 20, 0);
  private final List<Long> waits = new ArrayList<>();

  private Kernels recording(double secondsPerRow) {
    return new PacedKernels(band -> secondsPerRow * band.outputs().get(0).span().rows(), (until, halt) -> waits.add(until - System.nanoTime()));
  }

  private static Band band(RowSpan rows) {
    return Band.of(GRAPH, List.of(0, 1), List.of(new Rows(2, rows)));
  }

  private TensorSlice input(RowSpan rows) {
    Tensor tensor = GRAPH.tensor(0);
    return TensorSlice.allocate(pool, tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), rows);
  }

  @Test
  void waitsAsLongAsItIsToldForTheBand() {
    TensorSlice input = input(new RowSpan(2, 10));
    recording(100).create(band(new RowSpan(4, 8))).run(List.of(input), pool).forEach(TensorSlice::release);
    input.release();
    assertThat(waits).hasSize(1);
    // 400 s, less what checking and allocating took.
    assertThat(waits.get(0)).isBetween(300_000_000_000L, 400_000_000_000L);
  }

  @Test
  void outputsHaveTheTrueSizeAndBelongToTheCaller() {
    TensorSlice input = input(new RowSpan(2, 10));
    List<TensorSlice> outputs = recording(0).create(band(new RowSpan(4, 8))).run(List.of(input), pool);
    assertThat(outputs).hasSize(1);
    assertThat(outputs.get(0).span()).isEqualTo(new RowSpan(4, 8));
    assertThat(outputs.get(0).data().remaining()).isEqualTo(3 * 4 * 8 * 4);
    outputs.forEach(TensorSlice::release);
    input.release();
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void refusesInputsThatARealKernelWouldRefuse() {
    TensorSlice input = input(new RowSpan(3, 10));
    Kernel kernel = recording(0).create(band(new RowSpan(4, 8)));
    assertThatThrownBy(() -> kernel.run(List.of(input), pool)).hasMessageContaining("expected: tensor 0");
    input.release();
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void refusesATimeThatIsNone() {
    assertThatThrownBy(() -> recording(Double.NaN).create(band(new RowSpan(0, 16)))).hasMessageContaining("NaN s (expected: finite");
    assertThatThrownBy(() -> recording(-1).create(band(new RowSpan(0, 16)))).hasMessageContaining("expected: finite, not negative");
  }

  @Test
  void aRunThatNobodyWantsEndsAtOnceAndGivesItsMemoryBack() throws InterruptedException {
    CountDownLatch waits = new CountDownLatch(1);
    Kernel kernel = new PacedKernels(band -> 1000, (until, halt) -> {
      waits.countDown();
      Pause.precisely(until, halt);
    }).create(band(new RowSpan(4, 8)));
    TensorSlice input = input(new RowSpan(2, 10));
    Halt halt = new Halt();
    CompletableFuture<List<TensorSlice>> run = CompletableFuture.supplyAsync(() -> kernel.run(List.of(input), pool, halt));
    assertThat(waits.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(run).isNotDone();
    halt.halt();
    assertThatThrownBy(() -> run.get(10, TimeUnit.SECONDS)).hasRootCauseInstanceOf(CancellationException.class);
    input.release();
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void aPauseNeverEndsEarlyAndKeepsAnInterrupt() {
    Thread.currentThread().interrupt();
    long until = System.nanoTime() + 2_000_000;
    Pause.precisely(until, new Halt());
    assertThat(System.nanoTime() - until).isNotNegative();
    assertThat(Thread.interrupted()).isTrue();
  }
}
