package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.SharedData;
import dev.tilestream.zoo.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many requests at once, of mixed strategies, entering everywhere: all right, and no memory kept. */
class LoadIT {
  private static final List<String> STRATEGIES = List.of("local", "offload", "layer", "energy", "even", "hybrid");
  private static final int REQUESTS = 1000;
  private static final int AT_ONCE = 8;
  private static final int PICTURES = 5;
  private static final double TOLERANCE = 1e-4;
  private static final Duration SETTLING = Duration.ofSeconds(180);
  /** Code being compiled, arenas filling up: what a warm process may still grow by. */
  private static final long HEAP_ROOM = 16L << 20;
  private static final long NATIVE_ROOM = 96L << 20;

  @TempDir Path directory;
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private List<Map<String, Value>> inputs;
  private List<Map<String, Value>> expected;

  @Test
  void aThousandRequestsAreAllRightAndMemoryStaysFlat() throws Exception {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    TestRepository repository =
        new TestRepository(directory.resolve("models")).put("ultraface", SharedData.path("models", "ultraface-rfb-320.onnx"));
    prepare(repository.file("ultraface"));
    try (TestFleet fleet = TestFleet.start(2, 1, repository.directory(), directory)) {
      List<ProcessMemory> idle = memory(fleet);
      // Two thirds of what is measured, and all plans, so that pools, code caches and allocators have reached their size.
      run(fleet, 2 * REQUESTS / 3);
      List<ProcessMemory> before = memoryAtRest(fleet);
      long start = System.nanoTime();
      run(fleet, REQUESTS);
      double seconds = (System.nanoTime() - start) / 1e9;
      List<ProcessMemory> after = memoryAtRest(fleet);
      System.out.printf("%d requests, %d at a time: %.1f s, %.1f a second%n", REQUESTS, AT_ONCE, seconds, REQUESTS / seconds);
      for (int i = 0; i < after.size(); i++)
        System.out.printf("%s (ready in %.1f s): idle %s; before %s; after %s%n",
            fleet.node(i).name(), fleet.node(i).readySeconds(), idle.get(i), before.get(i), after.get(i));
      assertThat(wrong).isEmpty();
      for (int i = 0; i < after.size(); i++) {
        assertThat(after.get(i).heapBytes() - before.get(i).heapBytes()).as("heap of " + fleet.node(i).name()).isLessThan(HEAP_ROOM);
        assertThat(after.get(i).residentBytes() - before.get(i).residentBytes()).as("memory of " + fleet.node(i).name()).isLessThan(NATIVE_ROOM);
      }
    }
  }

  private void prepare(Path model) {
    inputs = new ArrayList<>();
    expected = new ArrayList<>();
    try (Oracle oracle = Oracle.of(model, 1)) {
      for (int p = 0; p < PICTURES; p++) {
        inputs.add(oracle.randomInputs(100 + p));
        expected.add(oracle.run(inputs.get(p)));
      }
    }
  }

  /** Once nothing is being planned: a search under way holds some 15 MB, and gives them back. */
  private static List<ProcessMemory> memoryAtRest(TestFleet fleet) {
    for (TestFleet.Node node : fleet.nodes()) await().atMost(SETTLING).until(() -> node.client().settled("ultraface"));
    return memory(fleet);
  }

  private static List<ProcessMemory> memory(TestFleet fleet) {
    return fleet.nodes().stream().map(TestFleet.Node::memory).toList();
  }

  private void run(TestFleet fleet, int requests) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int r = 0; r < requests; r++) {
        int request = r;
        all.add(clients.submit(() -> one(fleet, request)));
      }
      for (Future<?> f : all) f.get();
    } finally {
      clients.shutdown();
    }
  }

  private Void one(TestFleet fleet, int request) throws InterruptedException {
    NodeClient client = fleet.node(request % fleet.nodes().size()).client();
    String strategy = STRATEGIES.get(request / fleet.nodes().size() % STRATEGIES.size());
    int picture = request % PICTURES;
    try {
      RemoteAnswer answer = client.infer("ultraface", Tensors.request(inputs.get(picture)), Optional.of(strategy));
      double deviation = Tensors.deviation(expected.get(picture), answer.outputs());
      if (!(deviation <= TOLERANCE)) wrong.add("request %d, %s: deviates by %.3g".formatted(request, strategy, deviation));
    } catch (NodeFailure e) {
      wrong.add("request %d, %s: %s".formatted(request, strategy, e.getMessage()));
    }
    return null;
  }
}
