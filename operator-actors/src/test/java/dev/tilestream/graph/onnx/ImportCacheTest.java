package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.OperatorGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCacheTest {
  @TempDir Path cache;

  /** An import of {@code bytes} bytes that was last used {@code age} seconds ago. */
  private Path entry(String name, int bytes, int age) throws IOException {
    Path directory = Files.createDirectory(cache.resolve(name));
    Files.write(directory.resolve(RuntimeSessions.GRAPH), new byte[bytes]);
    ImportCache.hold(directory).close();
    Files.setLastModifiedTime(directory.resolve("in-use"), FileTime.fromMillis(System.currentTimeMillis() - age * 1000L));
    return directory;
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.list(cache)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void thoseUnusedForLongestGoUntilFewEnoughAreLeft() throws IOException {
    entry("a", 10, 300);
    entry("b", 10, 900);
    entry("c", 10, 600);
    assertThat(ImportCache.trim(cache, 3, 1000)).isZero();
    assertThat(ImportCache.trim(cache, 2, 1000)).isEqualTo(1);
    assertThat(left()).containsExactly("a", "c");
    assertThat(ImportCache.trim(cache, 2, 15)).isEqualTo(1);
    assertThat(left()).containsExactly("a");
  }

  @Test
  void oneInUseNeverGoesAndComesToLifeAgainWithEachUse() throws IOException {
    Path old = entry("a", 10, 900);
    entry("b", 10, 300);
    ImportCache.Hold first = ImportCache.hold(old);
    ImportCache.Hold second = ImportCache.hold(old);
    first.close();
    first.close();
    assertThat(ImportCache.trim(cache, 0, 0)).isEqualTo(1);
    assertThat(left()).containsExactly("a");
    second.close();
    entry("c", 10, 300);
    assertThat(ImportCache.trim(cache, 1, 1000)).isEqualTo(1);
    assertThat(left()).as("it was used after c").containsExactly("a");
  }

  @Test
  void oneThatAnotherProcessUsesNeverGoes() throws Exception {
    Path directory = entry("a", 10, 900);
    String classes = Path.of(Locker.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    Process other = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classes, Locker.class.getName(),
        directory.resolve("in-use").toString()).redirectErrorStream(true).start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("locked");
      assertThat(ImportCache.trim(cache, 0, 0)).isZero();
      assertThat(left()).containsExactly("a");
    } finally {
      other.destroy();
      assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(ImportCache.trim(cache, 0, 0)).isEqualTo(1);
  }

  /** Holds a file as another node's import does, until it is killed. */
  static final class Locker {
    public static void main(String[] args) throws Exception {
      var channel = java.nio.channels.FileChannel.open(
          Path.of(args[0]), java.nio.file.StandardOpenOption.READ, java.nio.file.StandardOpenOption.WRITE);
      channel.lock(0, Long.MAX_VALUE, true);
      System.out.println("locked");
      System.in.read();
    }
  }

  @Test
  void whatDiedProcessesLeftGoesOnceItIsOld() throws IOException {
    Path young = Files.createDirectory(cache.resolve("import-1"));
    Path old = Files.createDirectory(cache.resolve("import-2"));
    Files.write(old.resolve("fixed.onnx"), new byte[3]);
    Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() - 7_200_000));
    ImportCache.trim(cache, 5, 5);
    assertThat(young).exists();
    assertThat(old).doesNotExist();
  }

  @Test
  void aDirectoryThatIsGoneCannotBeHeld() {
    assertThatThrownBy(() -> ImportCache.hold(cache.resolve("gone"))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void anImportedModelIsInUseUntilItsWeightsAreClosedAndIsMadeAgainOnceGone() throws IOException {
    Path model = TestModels.model("mnist");
    OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
    assertThat(ImportCache.trim(cache, 0, 0)).isZero();
    graph.weights().close();
    assertThat(ImportCache.trim(cache, 0, 0)).isEqualTo(1);
    OperatorGraph again = OnnxImporter.load(model, Map.of(), cache);
    assertThat(again.hash()).isEqualTo(graph.hash());
    again.weights().close();
  }
}
