package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.kernel.BatchKernel;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is computed together, with kernels that double numbers and count their calls. */
class TogetherTest {
  private static final Shape SHAPE = Shape.of(1, 4);

  private final BufferPool pool = BufferPool.bounded(1 << 20, 1 << 20);
  private final LaneSettings settings = new LaneSettings(1, 1, LaneSettings.Clock.WALL, 64, Duration.ofSeconds(1), 8);
  private final AtomicInteger batches = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  /** What the kernel for several makes of each beyond what is right. */
  private volatile float wrong;

  @AfterEach
  void everythingWasGivenBack() {
    assertThat(pool.inUse()).isZero();
  }

  private TensorSlice slice(float first, float factor) {
    TensorSlice slice = TensorSlice.allocate(pool, 0, DataType.FLOAT32, SHAPE, -1, TensorSlice.all(SHAPE, -1));
    for (int i = 0; i < 4; i++) slice.data().putFloat(4 * i, factor * (first + i));
    return slice;
  }

  private final class Doubling implements Kernel {
    @Override
    public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool memory) {
      return List.of(slice(inputs.get(0).data().getFloat(0), 2));
    }

    @Override
    public Optional<String> group() {
      return Optional.of("doubling");
    }

    @Override
    public BatchKernel together() {
      return new BatchKernel() {
        @Override
        public List<List<TensorSlice>> run(List<List<TensorSlice>> inputs, BufferPool memory) {
          batches.incrementAndGet();
          List<List<TensorSlice>> outputs = new ArrayList<>();
          for (List<TensorSlice> one : inputs) outputs.add(List.of(slice(one.get(0).data().getFloat(0) + wrong, 2)));
          return outputs;
        }

        @Override
        public void close() {
          closed.incrementAndGet();
        }
      };
    }

    @Override
    public String backend() {
      return "doubling";
    }

    @Override
    public void close() {}
  }

  private Optional<List<Float>> run(Together group, float... firsts) {
    List<List<TensorSlice>> inputs = new ArrayList<>();
    for (float first : firsts) inputs.add(List.of(slice(first, 1)));
    Optional<List<List<TensorSlice>>> made = group.run(new Doubling(), inputs, pool);
    inputs.forEach(one -> one.forEach(TensorSlice::release));
    Optional<List<Float>> results = made.map(all -> all.stream().map(one -> one.get(0).data().getFloat(0)).toList());
    made.ifPresent(all -> all.forEach(one -> one.forEach(TensorSlice::release)));
    return results;
  }

  /** Known alone, so that two are tried. */
  private Together asked(KernelLease lease) {
    Together group = new Together(lease, settings, Runnable::run);
    for (int i = 0; i < 10; i++) group.took(1000);
    assertThat(group.size(2)).as("its kernel is made first").isEqualTo(1);
    assertThat(group.size(2)).isEqualTo(2);
    return group;
  }

  @Test
  void severalAreComputedInOneCallAndEachGetsItsOwn() {
    Together group = asked(new KernelLease(new Doubling()));
    assertThat(run(group, 1, 5)).contains(List.of(2f, 10f));
    assertThat(run(group, 3, 4, 7)).contains(List.of(6f, 8f, 14f));
    assertThat(batches.get()).isEqualTo(2);
  }

  @Test
  void whatGivesSomethingElseIsNeverComputedTogether() {
    wrong = 1;
    Together group = asked(new KernelLease(new Doubling()));
    assertThat(run(group, 1, 5)).isEmpty();
    assertThat(group.wants()).isFalse();
    assertThat(group.size(8)).isEqualTo(1);
  }

  @Test
  void equalInputsProveNothing() {
    Together group = asked(new KernelLease(new Doubling()));
    assertThat(run(group, 1, 1)).contains(List.of(2f, 2f));
    wrong = 1;
    assertThat(run(group, 1, 5)).as("compared still").isEmpty();
  }

  @Test
  void theKernelForSeveralLivesAsLongAsOneOfThoseForOne() {
    Groups groups = new Groups(settings, Runnable::run);
    KernelLease first = new KernelLease(new Doubling());
    KernelLease second = new KernelLease(new Doubling());
    Together group = groups.of(first).orElseThrow();
    assertThat(groups.of(second)).contains(group);
    for (int i = 0; i < 10; i++) group.took(1000);
    group.size(2);
    first.release();
    assertThat(run(group, 1, 5)).contains(List.of(2f, 10f));
    assertThat(closed.get()).isZero();
    second.release();
    assertThat(closed.get()).isEqualTo(1);
    assertThat(groups.of(new KernelLease(new Doubling()))).isPresent().get().isNotSameAs(group);
  }

  /** A job of a group that notes how many it ran with. */
  private record Grouped(Together group, long source, List<Integer> ran, Semaphore done) implements LaneJob {
    @Override
    public long seniority() {
      return source;
    }

    @Override
    public int urgency() {
      return 0;
    }

    @Override
    public boolean begin() {
      return true;
    }

    @Override
    public void compute() {
      ran.add(1);
    }

    @Override
    public void computeWith(List<LaneJob> others) {
      ran.add(1 + others.size());
    }

    @Override
    public void finish(long queuedNanos, long startNanos, long endNanos) {
      done.release();
    }
  }

  @Test
  void aLaneTakesThoseThatWaitOfAllSources() throws InterruptedException {
    Together group = asked(new KernelLease(new Doubling()));
    List<Integer> ran = new CopyOnWriteArrayList<>();
    Semaphore done = new Semaphore(0);
    try (ComputeLane lane = new ComputeLane(settings)) {
      Semaphore gate = new Semaphore(0);
      List<String> names = new CopyOnWriteArrayList<>();
      lane.submit(new NamedJob("first", 9, 0, 0, names, gate::acquireUninterruptibly, () -> {}));
      await().until(() -> !names.isEmpty());
      for (int source = 1; source <= 2; source++) lane.submit(new Grouped(group, source, ran, done));
      gate.release();
      done.acquire(2);
      assertThat(ran).containsExactly(2);
      assertThat(lane.together()).isEqualTo(2);
    }
  }
}
