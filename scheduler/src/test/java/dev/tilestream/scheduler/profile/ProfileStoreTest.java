package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileStoreTest {
  private static final List<String> CPU = List.of(
      "processor\t: 0", "model name\t: Quick 9000", "flags\t\t: sse avx2 fma", "", "processor\t: 1", "model name\t: Quick 9000");
  private static final DeviceFingerprint HERE = DeviceFingerprint.of(CPU, Map.of("lane speed", "1.0"));

  @TempDir Path directory;
  private final OperatorGraph graph = Graphs.chain(4, 20);
  private final DeviceProfile profile = ProfileCodec.decode(ProfileCodec.encode(Fleets.device("robot-1", graph, 1e9, 1e-5)));

  private ProfileStore store(DeviceFingerprint fingerprint, int most) {
    return new ProfileStore(directory.resolve("profiles"), fingerprint, most);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("profiles"))) {
      return all.toList();
    }
  }

  @Test
  void whatWasMeasuredIsFoundByTheNextStart() {
    assertThat(store(HERE, 8).find(graph.hash(), 4)).isEmpty();
    store(HERE, 8).put(profile);
    assertThat(store(HERE, 8).find(graph.hash(), 4)).contains(profile);
  }

  @Test
  void anotherProcessorSettingOrGraphFindsNothing() {
    store(HERE, 8).put(profile);
    assertThat(store(DeviceFingerprint.of(CPU, Map.of("lane speed", "0.5")), 8).find(graph.hash(), 4)).isEmpty();
    assertThat(store(DeviceFingerprint.of(CPU.subList(0, 3), Map.of("lane speed", "1.0")), 8).find(graph.hash(), 4)).isEmpty();
    List<String> older = CPU.stream().map(line -> line.replace(" avx2", "")).toList();
    assertThat(store(DeviceFingerprint.of(older, Map.of("lane speed", "1.0")), 8).find(graph.hash(), 4)).isEmpty();
    assertThat(store(HERE, 8).find("f00d", 4)).isEmpty();
    assertThat(store(HERE, 8).find(graph.hash(), 5)).isEmpty();
  }

  @Test
  void theOrderOfFeaturesDoesNotCount() {
    List<String> other = CPU.stream().map(line -> line.replace("sse avx2 fma", "fma sse avx2")).toList();
    assertThat(DeviceFingerprint.of(other, Map.of("lane speed", "1.0"))).isEqualTo(HERE);
  }

  @Test
  void aDamagedFileIsIgnoredAndWrittenAnew() throws IOException {
    store(HERE, 8).put(profile);
    Path file = files().get(0);
    for (byte[] bad : List.of(new byte[0], new byte[3], "foreign".getBytes(), flipped(Files.readAllBytes(file)))) {
      Files.write(file, bad);
      assertThat(store(HERE, 8).find(graph.hash(), 4)).isEmpty();
    }
    store(HERE, 8).put(profile);
    assertThat(store(HERE, 8).find(graph.hash(), 4)).contains(profile);
    assertThat(files()).hasSize(1);
  }

  private static byte[] flipped(byte[] bytes) {
    bytes[bytes.length / 2] ^= 1;
    return bytes;
  }

  @Test
  void aFileOfAnotherDeviceUnderThisName() throws IOException {
    DeviceFingerprint other = DeviceFingerprint.of(CPU, Map.of("lane speed", "0.5"));
    store(HERE, 8).put(profile);
    Path mine = files().get(0);
    store(other, 8).put(profile);
    Path theirs = files().stream().filter(f -> !f.equals(mine)).findFirst().orElseThrow();
    Files.copy(theirs, mine, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(store(HERE, 8).find(graph.hash(), 4)).isEmpty();
  }

  @Test
  void theOneUnusedForLongestGoes() throws IOException {
    ProfileStore store = store(HERE, 3);
    for (int i = 0; i < 3; i++) {
      store.put(new DeviceProfile("d", "graph-" + i, profile.stages(), 1, 0, Power.ROBOT));
      for (Path file : files()) Files.setLastModifiedTime(file, FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() - 100_000));
    }
    assertThat(store.find("graph-0", 4)).isPresent();
    store.put(new DeviceProfile("d", "graph-3", profile.stages(), 1, 0, Power.ROBOT));
    assertThat(files()).hasSize(3);
    assertThat(store.find("graph-1", 4)).isEmpty();
    assertThat(store.find("graph-0", 4)).isPresent();
    assertThat(store.find("graph-3", 4)).isPresent();
  }

  @Test
  void aDirectoryThatCannotBeWrittenCostsNothingButTheMeasurement() throws IOException {
    Files.writeString(directory.resolve("profiles"), "a file where the directory should be");
    store(HERE, 8).put(profile);
    assertThat(store(HERE, 8).find(graph.hash(), 4)).isEmpty();
  }
}
