package dev.tilestream.graph.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Models from the shared test data; tests that need them are skipped where it is absent. */
final class TestModels {
  private TestModels() {}

  static Path root() {
    Path root = Path.of(System.getProperty("tilestream.data", "../../shared/data"));
    Assumptions.assumeTrue(Files.isDirectory(root), "no test data at " + root);
    return root;
  }

  static Path architecture(String name) {
    return root().resolve("onnx-architectures/light_" + name + ".onnx");
  }

  static Path model(String name) {
    return root().resolve("models").resolve(name + ".onnx");
  }

  /** All models below the directory. */
  static List<Path> below(String directory) {
    try (Stream<Path> walk = Files.walk(root().resolve(directory))) {
      return walk.filter(p -> p.toString().endsWith(".onnx")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
