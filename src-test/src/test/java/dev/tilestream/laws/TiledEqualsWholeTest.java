package dev.tilestream.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.plan.Plan;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.zoo.RandomGraphs;
import dev.tilestream.zoo.RandomGraphs.RandomGraph;
import dev.tilestream.zoo.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the split, tiles joined equal the whole that ONNX Runtime computes. */
class TiledEqualsWholeTest {
  private static final double TOLERANCE = 1e-5;
  private static final int GRAPHS = 500;
  private static final int PLANS = 3;
  private static final List<String> DEVICES = List.of("source", "peer", "edge");

  private final List<String> wrong = new ArrayList<>();

  @ParameterizedTest
  @EnumSource(names = {"ONNXRUNTIME", "ND4J"})
  void tilesJoinedEqualTheWholeForRandomGraphsAndRandomPlans(KernelSettings.Backend backend) {
    try (CountedKernels kernels = new CountedKernels(Kernels.of(new KernelSettings(1, backend, Duration.ZERO)))) {
      for (long seed = 0; seed < GRAPHS; seed++) check(RandomGraphs.of(seed), kernels);
      // Each library computes what it can; ONNX Runtime the rest.
      assertThat(kernels.made(backend.name().toLowerCase(Locale.ROOT))).isGreaterThan(GRAPHS);
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ONNXRUNTIME", "ND4J"})
  void tilesJoinedEqualTheWholeForEveryKindOfOperatorAlone(KernelSettings.Backend backend) {
    try (Kernels kernels = Kernels.of(new KernelSettings(1, backend, Duration.ZERO))) {
      for (String step : RandomGraphs.localSteps()) for (long seed = 0; seed < 10; seed++) check(RandomGraphs.ofStep(step, seed), kernels);
    }
    assertThat(wrong).isEmpty();
  }

  private void check(RandomGraph random, Kernels kernels) {
    try (Specimen s = Specimen.of(random); BufferPool pool = BufferPool.bounded(1L << 28, 1L << 26)) {
      Map<String, Value> inputs = s.inputs();
      Map<String, Value> expected = s.oracle.run(inputs);
      for (long plan = 0; plan < PLANS; plan++) compare(s, RandomPlans.of(s.graph, DEVICES, plan), kernels, pool, inputs, expected);
    } catch (RuntimeException e) {
      wrong.add(random + ": " + e);
    }
  }

  private void compare(Specimen s, Plan plan, Kernels kernels, BufferPool pool, Map<String, Value> inputs, Map<String, Value> expected) {
    try {
      Map<String, Value> made = PlanRun.outputs(s.graph, plan, kernels, pool, inputs);
      expected.forEach((name, value) -> {
        double deviation = value.deviation(made.get(name));
        if (!(deviation <= TOLERANCE))
          wrong.add("%s, plan of %d tiles: %s deviates by %.3g".formatted(s.origin, plan.tiles().size(), name, deviation));
      });
    } catch (RuntimeException | AssertionError e) {
      wrong.add("%s, plan %s: %s".formatted(s.origin, plan.tiles(), e));
    }
    if (pool.inUse() != 0) wrong.add("%s: %d bytes not released".formatted(s.origin, pool.inUse()));
  }
}
