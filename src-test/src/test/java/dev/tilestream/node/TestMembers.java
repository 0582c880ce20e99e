package dev.tilestream.node;

import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.client.NodeClient;
import dev.tilestream.fleet.SteadyLoad;
import dev.tilestream.fleet.Tensors;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Members in this process, each with its own actor systems, sockets, cache and ports, and a small model that all of them have. */
final class TestMembers implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  /** The shipped settings, with shorter times: what they mean stays the same. */
  private static final String SHORT = """
      akka.cluster.failure-detector.acceptable-heartbeat-pause = 2s
      akka.remote.artery.advanced.remove-quarantined-association-after = 1s
      akka.remote.artery.advanced.test-mode = on
      tilestream.membership { give-up-after = 1500ms, look-every = 3s }
      """;

  private final Path directory;
  private final Path repository;
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final Map<String, NodeMain> members = new LinkedHashMap<>();
  private final SteadyLoad.Questions questions;

  /** @param names of all who will be there; the first is the first seed, all are seeds */
  TestMembers(Path directory, String... names) {
    this.directory = directory;
    repository = directory.resolve("models");
    for (String name : names) ports.put(name, freePort());
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 48, 32);
    String first = model.node("Relu", List.of(model.node("Conv", List.of("x", model.heWeights(8, 3, 3, 3)))));
    String second = model.node("Conv", List.of(first, model.heWeights(8, 8, 3, 3)));
    TestRepository files = new TestRepository(repository).put("small", model.output(second, DataType.FLOAT32, 1, 8, 44, 28).toBytes());
    try (Oracle oracle = Oracle.of(files.file("small"), 1)) {
      Map<String, Value> inputs = oracle.randomInputs(1);
      questions = new SteadyLoad.Questions("small", inputs, oracle.run(inputs), List.of("even", "hybrid", "local"));
    }
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns when it is ready. */
  NodeMain start(String name) {
    NodeSettings.Role role = name.startsWith("robot") ? NodeSettings.Role.ROBOT : NodeSettings.Role.EDGE;
    List<String> seeds = ports.values().stream().map(port -> "127.0.0.1:" + port).toList();
    Config files = ConfigFactory.parseMap(Map.of("tilestream.node.cache-directory", directory.resolve("cache-" + name).toString()))
        .withFallback(ConfigFactory.parseString(SHORT))
        .withFallback(ConfigFactory.load())
        .resolve();
    NodeMain member = NodeMain.start(
        new NodeSettings(role, name, "127.0.0.1", ports.get(name), seeds, "127.0.0.1", 0, 0, repository, 1, 1, Optional.empty(), 0), files);
    members.put(name, member);
    await().atMost(PATIENCE).until(member::ready);
    return member;
  }

  void stop(String name) {
    members.remove(name).close();
  }

  NodeMain member(String name) {
    return members.get(name);
  }

  int port(String name) {
    return ports.get(name);
  }

  NodeClient client(String name) {
    return new NodeClient(URI.create("http://127.0.0.1:" + members.get(name).httpAddress().getPort()));
  }

  SteadyLoad load(String name) {
    return SteadyLoad.on(name, client(name), questions);
  }

  /** Who took part in an inference that is divided over everybody who is there. */
  List<String> devices(String name) throws InterruptedException {
    return client(name).infer("small", Tensors.request(questions.inputs()), Optional.of("even")).devices();
  }

  /** Names of those that {@code name} has in its cluster, in any state, itself included. */
  List<String> cluster(String name) {
    List<String> names = new ArrayList<>();
    members.get(name).node().backend().node().members().forEach(member -> names.add(member.name()));
    return names;
  }

  @Override
  public void close() {
    members.values().forEach(NodeMain::close);
  }
}
