package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.zoo.SharedData;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ROS 2 bridge against a real fleet. ROS is stood in for at its message types: src/test/resources/ros2. */
class RosBridgeIT {
  private static final int PICTURES = 40;

  @TempDir Path directory;

  @Test
  void picturesGoInAndDetectionsWithTheirStampsComeOut() throws Exception {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    assumeThat(websockets()).as("Python 3 and Debian's python3-websockets are not here, and cannot be installed").isTrue();
    TestRepository repository = new TestRepository(directory.resolve("models"))
        .put("fastestdet", SharedData.path("models", "fastestdet-352.onnx")).config("fastestdet", TestRepository.FASTESTDET_CONFIG);
    Path camera = Files.createDirectories(directory.resolve("camera"));
    Files.copy(SharedData.path("images", "street.jpg"), camera.resolve("street.jpg"));
    try (TestFleet fleet = TestFleet.start(1, 1, repository.directory(), directory)) {
      fleet.node(0).client().load("fastestdet");
      List<JsonNode> published = published(fleet, camera);
      assertThat(published).hasSizeGreaterThanOrEqualTo(PICTURES);
      assertThat(published).allSatisfy(answer -> {
        assertThat(answer.path("error").asText("")).isEmpty();
        assertThat(answer.path("frame_id").asText()).isEqualTo("camera");
        assertThat(answer.path("parameters").path("detections")).isNotEmpty();
      });
      assertThat(published.stream().map(answer -> answer.path("stamp").path(0).asInt())).doesNotHaveDuplicates();
    }
  }

  private List<JsonNode> published(TestFleet fleet, Path camera) throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("tilestream.home"));
    ProcessBuilder builder = new ProcessBuilder(
        python(), home.resolve("deploy/ros2/tilestream_bridge.py").toString(), "--ros-args",
        "-p", "url:=" + fleet.node(0).http().toString().replaceFirst("http", "ws"), "-p", "model:=fastestdet");
    builder.environment().put("PYTHONPATH", home.resolve("src-test/src/test/resources/ros2").toString());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    builder.environment().put("TEST_CAMERA", camera.toString());
    builder.environment().put("TEST_RATE", "30");
    builder.environment().put("TEST_PICTURES", "" + PICTURES);
    Process bridge = builder.redirectError(directory.resolve("bridge.log").toFile()).start();
    List<JsonNode> published = new ArrayList<>();
    try (BufferedReader out = bridge.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) published.add(new ObjectMapper().readTree(line));
      assertThat(bridge.waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      bridge.destroyForcibly();
    }
    System.out.printf("the bridge published %d answers; it said: %s%n", published.size(), Files.readString(directory.resolve("bridge.log")).strip());
    return published;
  }

  /** Debian's, which has what its packages bring. */
  private static String python() {
    return Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
  }

  private static boolean websockets() throws InterruptedException {
    if (succeeds(python(), "-c", "import websockets")) return true;
    boolean debian = "root".equals(System.getProperty("user.name")) && Files.isExecutable(Path.of("/usr/bin/apt-get"));
    return debian
        && succeeds("sh", "-c", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-websockets")
        && succeeds(python(), "-c", "import websockets");
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
