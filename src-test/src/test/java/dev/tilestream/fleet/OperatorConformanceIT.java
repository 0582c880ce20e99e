package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.RandomisedArchitectures;
import dev.tilestream.zoo.SharedData;
import dev.tilestream.zoo.TestVector;
import dev.tilestream.zoo.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ONNX project's own operator tests and networks, through HTTP on two nodes. What is refused is printed as a table; it is expected
 * to be empty.
 */
class OperatorConformanceIT {
  private static final List<String> STRATEGIES = List.of("local", "even");
  private static final double TOLERANCE = 1e-4;
  /** The expected values of the ONNX project were computed by other means, some in float64. */
  private static final double PUBLISHED_TOLERANCE = 1e-3;

  @TempDir static Path directory;
  private static TestRepository repository;
  private static TestFleet fleet;
  private final List<String> refused = new ArrayList<>();

  @BeforeAll
  static void start() {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    repository = new TestRepository(directory.resolve("models"));
    for (TestVector v : TestVector.operators()) repository.put(name(v), v.model());
    for (Path p : RandomisedArchitectures.published()) repository.put(name(p), RandomisedArchitectures.randomised(p, 7).toByteArray());
    // Hundreds of models that are known: a process for each would take longer than everything else.
    fleet = TestFleet.start("-Dtilestream.node.import.isolated=off", 1, 1, repository.directory(), directory);
  }

  @AfterAll
  static void stop() {
    if (fleet != null) fleet.close();
  }

  @Test
  void everyOperatorTestPassesThroughHttp() throws InterruptedException {
    int answered = 0;
    for (TestVector vector : TestVector.operators()) {
      try (Oracle oracle = Oracle.of(vector.model(), 1)) {
        Map<String, Value> inputs = new LinkedHashMap<>();
        for (int i = 0; i < vector.inputs().size(); i++) inputs.put(oracle.inputs().get(i), vector.inputs().get(i));
        Map<String, Value> published = new LinkedHashMap<>();
        for (int i = 0; i < vector.outputs().size(); i++) published.put(oracle.outputs().get(i), vector.outputs().get(i));
        answered += check(name(vector), inputs, oracle.run(inputs), published);
      }
    }
    report(answered);
    assertThat(answered).isGreaterThan(700);
    assertThat(refused).isEmpty();
  }

  @Test
  void everyArchitectureWithRandomWeightsPassesThroughHttp() throws InterruptedException {
    int answered = 0;
    for (Path published : RandomisedArchitectures.published()) {
      try (Oracle oracle = Oracle.of(repository.file(name(published)), 1)) {
        Map<String, Value> inputs = oracle.randomInputs(3);
        answered += check(name(published), inputs, oracle.run(inputs), Map.of());
      }
    }
    report(answered);
    assertThat(answered).isEqualTo(STRATEGIES.size() * 5);
    assertThat(refused).isEmpty();
  }

  /** How many strategies answered right. */
  private int check(String model, Map<String, Value> inputs, Map<String, Value> expected, Map<String, Value> published)
      throws InterruptedException {
    NodeClient client = fleet.node(0).client();
    int answered = 0;
    for (String strategy : STRATEGIES) {
      try {
        var answer = client.infer(model, Tensors.request(inputs), Optional.of(strategy));
        double deviation = Tensors.deviation(expected, answer.outputs());
        double fromPublished = published.isEmpty() ? 0 : Tensors.deviation(published, answer.outputs());
        if (deviation <= TOLERANCE && fromPublished <= PUBLISHED_TOLERANCE) answered++;
        else refused.add("%-60s %-6s deviates by %.3g from ONNX Runtime, %.3g from the published".formatted(model, strategy, deviation, fromPublished));
      } catch (NodeFailure | IllegalArgumentException e) {
        refused.add("%-60s %-6s %s".formatted(model, strategy, e.getMessage()));
      }
    }
    try {
      client.unload(model);
    } catch (NodeFailure e) {
      refused.add("%-60s unload %s".formatted(model, e.getMessage()));
    }
    return answered;
  }

  private void report(int answered) {
    System.out.printf("%d answers right; refused or wrong: %d%n", answered, refused.size());
    refused.forEach(System.out::println);
  }

  private static String name(TestVector vector) {
    return vector.name().replace('/', '.');
  }

  private static String name(Path architecture) {
    return architecture.getFileName().toString().replace(".onnx", "");
  }
}
