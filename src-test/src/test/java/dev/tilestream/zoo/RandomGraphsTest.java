package dev.tilestream.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.zoo.RandomGraphs.RandomGraph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomGraphsTest {
  @Test
  void onnxRuntimeAcceptsEveryGraphAndItsOutputsAreFinite() {
    List<String> refused = new ArrayList<>();
    for (long seed = 0; seed < 1000; seed++) {
      RandomGraph graph = RandomGraphs.of(seed);
      try (Oracle oracle = Oracle.of(graph.model())) {
        for (Value v : oracle.run(oracle.randomInputs(seed)).values())
          for (int i = 0; i < v.shape().elements(); i++)
            if (!Double.isFinite(v.at(i))) throw new IllegalStateException("not finite: " + v.at(i));
      } catch (RuntimeException e) {
        refused.add(graph + ": " + e.getMessage());
      }
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void everyStepOccurs() {
    Set<String> seen = new HashSet<>();
    for (long seed = 0; seed < 1000; seed++) seen.addAll(RandomGraphs.of(seed).steps());
    assertThat(seen).containsAll(RandomGraphs.localSteps()).containsAll(RandomGraphs.globalSteps());
  }

  @Test
  void aSeedDeterminesTheBytes() {
    assertThat(RandomGraphs.of(42).model()).isEqualTo(RandomGraphs.of(42).model());
  }
}
