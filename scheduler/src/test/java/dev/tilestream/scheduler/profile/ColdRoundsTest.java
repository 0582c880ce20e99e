package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A device by the clock: a kernel takes 1 ms; when another ran before it, 40 us more for the call, and stage 3 100 us for its weights. */
class ColdRoundsTest {
  private static final double HOT = 1e-3;
  private static final int HEAVY = 3;

  private static final class ColdDevice implements Kernels {
    final AtomicLong nanos = new AtomicLong();
    private Kernel last;

    @Override
    public Kernel create(Band band) {
      boolean heavy = band.graph().stage(HEAVY).operators().contains(band.operators().get(0));
      return new Kernel() {
        @Override
        public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool) {
          Kernel.check(band, inputs);
          nanos.addAndGet(last == this ? 1_000_000 : heavy ? 1_140_000 : 1_040_000);
          last = this;
          List<TensorSlice> outputs = new ArrayList<>();
          for (Rows r : band.outputs()) {
            Tensor t = band.graph().tensor(r.tensor());
            outputs.add(TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), r.span()));
          }
          return outputs;
        }

        @Override
        public String backend() {
          return "clock";
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {}
  }

  private static ColdRounds measure(OperatorGraph graph) {
    return measure(graph, Long.MAX_VALUE);
  }

  private static ColdRounds measure(OperatorGraph graph, long untilNanos) {
    ColdDevice device = new ColdDevice();
    StageTime[] times = new StageTime[graph.stages().size()];
    Arrays.fill(times, StageTime.linear(HOT, HOT));
    try (BufferPool pool = BufferPool.bounded(1 << 24, 0)) {
      KernelTimer timer = new KernelTimer(device, pool, Turns.AT_ONCE, device.nanos::get, 5);
      ColdRounds cold = ColdRounds.measure(graph, times, timer, pool, untilNanos);
      assertThat(pool.inUse()).as("memory left").isZero();
      return cold;
    }
  }

  @Test
  void theCallIsToldFromWhatAStageNeedsOfItsOwn() {
    ColdRounds cold = measure(Graphs.chain(8, 64));
    assertThat(cold.tileSeconds()).isEqualTo(40e-6, within(1e-9));
    for (int s = 0; s < 8; s++) assertThat(cold.stageSeconds()[s]).as("stage %d", s).isEqualTo(s == HEAVY ? 100e-6 : 0, within(1e-9));
  }

  @Test
  void ofAFewStagesNothingIsConcluded() {
    ColdRounds cold = measure(threeLocal());
    assertThat(cold.tileSeconds()).isZero();
    assertThat(cold.stageSeconds()).containsOnly(0);
  }

  @Test
  void withoutBudgetNothingIsRun() {
    ColdRounds cold = measure(Graphs.chain(8, 64), 0);
    assertThat(cold.tileSeconds()).isZero();
    assertThat(cold.stageSeconds()).containsOnly(0);
  }

  private static OperatorGraph threeLocal() {
    Graphs g = new Graphs("three");
    int x = g.input(8, 64);
    for (int i = 0; i < HEAVY; i++) x = g.conv(x, 3, 1, 8);
    return g.output(g.global(x, 4, 1)).build();
  }
}
