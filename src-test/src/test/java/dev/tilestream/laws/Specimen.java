package dev.tilestream.laws;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.RandomGraphs.RandomGraph;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A random graph as both sides see it: imported, and whole in ONNX Runtime. */
final class Specimen implements AutoCloseable {
  final RandomGraph origin;
  final OperatorGraph graph;
  final Oracle oracle;
  private final Path directory;

  private Specimen(RandomGraph origin, OperatorGraph graph, Oracle oracle, Path directory) {
    this.origin = origin;
    this.graph = graph;
    this.oracle = oracle;
    this.directory = directory;
  }

  static Specimen of(RandomGraph random) {
    try {
      Path directory = Files.createTempDirectory("specimen");
      Path model = Files.write(directory.resolve("model.onnx"), random.model());
      return new Specimen(random, OnnxImporter.load(model, Map.of(), directory.resolve("cache")), Oracle.of(random.model()), directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Map<String, Value> inputs() {
    return oracle.randomInputs(origin.seed());
  }

  List<Tensor> outputs() {
    return graph.outputs().stream().map(graph::tensor).toList();
  }

  @Override
  public void close() {
    oracle.close();
    graph.weights().close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path f : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(f);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
