package dev.tilestream.laws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.bench.SingleDevice;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Plan;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.zoo.RandomGraphs;
import dev.tilestream.zoo.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** The same law with everything alive: random plans of random graphs as tile actors, several inferences in flight. */
class LiveTilesTest {
  private static final int GRAPHS = 80;
  private static final int PLANS = 2;
  private static final int IN_FLIGHT = 4;
  private static final double TOLERANCE = 1e-5;

  private final List<String> wrong = new ArrayList<>();

  @Test
  void liveTilesEqualTheWholeAndLeaveNoMemoryBehind() throws InterruptedException {
    try (Kernels kernels = Kernels.of(new KernelSettings(1, KernelSettings.Backend.AUTO, Duration.ofMillis(1)))) {
      try (SingleDevice device = new SingleDevice(kernels)) {
        for (long seed = 2000; seed < 2000 + GRAPHS; seed++)
          try (Specimen s = Specimen.of(RandomGraphs.of(seed))) {
            for (long plan = 0; plan < PLANS; plan++) check(device, s, RandomPlans.of(s.graph, List.of(SingleDevice.NAME), plan));
          }
        assertThat(wrong).isEmpty();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(device.pool().inUse()).isZero());
      }
    }
  }

  private void check(SingleDevice device, Specimen s, Plan plan) throws InterruptedException {
    SingleDevice.Deployed deployed = device.deploy(s.graph, plan);
    List<Map<String, Value>> inputs = new ArrayList<>();
    List<CompletionStage<List<TensorSlice>>> answers = new ArrayList<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      inputs.add(s.oracle.randomInputs(i));
      List<TensorSlice> slices = slices(device, s, inputs.get(i));
      answers.add(deployed.start(slices));
      slices.forEach(TensorSlice::release);
    }
    for (int i = 0; i < IN_FLIGHT; i++) {
      Map<String, Value> expected = s.oracle.run(inputs.get(i));
      for (TensorSlice output : answers.get(i).toCompletableFuture().join()) {
        Tensor tensor = s.graph.tensor(output.tensor());
        double deviation = expected.get(tensor.name()).deviation(Value.copyOf(output));
        if (!(deviation <= TOLERANCE))
          wrong.add("%s, plan of %d tiles, inference %d: %.3g".formatted(s.origin, plan.tiles().size(), i, deviation));
        output.release();
      }
    }
    deployed.undeploy();
  }

  private static List<TensorSlice> slices(SingleDevice device, Specimen s, Map<String, Value> inputs) {
    return s.graph.inputs().stream()
        .map(s.graph::tensor)
        .map(t -> inputs.get(t.name()).slice(device.pool(), t.id(), t.axis()))
        .toList();
  }
}
