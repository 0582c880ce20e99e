package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JoinsTest {
  private static final int ROUNDS = 20_000;
  private static final DeploymentId DEPLOYMENT = new DeploymentId(1, 1);
  private static final Shape SHAPE = Shape.of(2, 3);
  private static final List<Tensor> OUTPUTS = List.of(output(0), output(1));

  private final BufferPool pool = BufferPool.bounded(1 << 28, 0);
  private final Joins joins = new Joins(pool);

  private static Tensor output(int id) {
    return new Tensor(id, "out" + id, Tensor.Kind.VALUE, DataType.FLOAT32, SHAPE, 0);
  }

  private Parcel rows(InferenceId inference, int tensor) {
    TensorSlice slice = TensorSlice.allocate(pool, tensor, DataType.FLOAT32, SHAPE, 0, RowSpan.first(2));
    return new Parcel(DEPLOYMENT, inference, Parcel.SINK, 0, slice);
  }

  @AfterEach
  void everyNativeByteIsFreeAtTheEnd() {
    assertThat(pool.inUse()).isZero();
    assertThat(joins.size()).isZero();
  }

  @Test
  void twoThatBringTheLastRowsAtOnceMakeOneAnswer() throws Exception {
    AtomicInteger ready = new AtomicInteger();
    List<CompletableFuture<List<TensorSlice>>> answers = new ArrayList<>();
    for (int n = 0; n < ROUNDS; n++)
      answers.add(joins.open(new InferenceId(1, n), OUTPUTS, Duration.ofMinutes(1)).toCompletableFuture());
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> bring(1, ready));
    bring(0, ready);
    other.get(1, TimeUnit.MINUTES);
    for (CompletableFuture<List<TensorSlice>> answer : answers) {
      List<TensorSlice> slices = answer.get(1, TimeUnit.SECONDS);
      assertThat(slices).doesNotContainNull().extracting(TensorSlice::tensor).containsExactly(0, 1);
      slices.forEach(TensorSlice::release);
    }
  }

  private void bring(int tensor, AtomicInteger ready) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    for (int n = 0; n < ROUNDS; n++) {
      Parcel parcel = rows(new InferenceId(1, n), tensor);
      ready.incrementAndGet();
      // Woken threads would come one after the other.
      while (ready.get() < 2 * (n + 1) && System.nanoTime() - end < 0) Thread.onSpinWait();
      joins.offer(parcel);
    }
  }
}
