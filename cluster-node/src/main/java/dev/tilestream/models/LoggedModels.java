package dev.tilestream.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.graph.logged.LoggedModelReader;
import dev.tilestream.graph.logged.ProfileRefused;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.logged.LoggedPower;
import dev.tilestream.scheduler.logged.LoggedProfiles;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Models of which nothing is there but a log of how long each operator took on a robot and on a server. This device takes the part of
 * one of them: nothing is measured, and kernels wait as long as the log says. Thread-safe.
 */
public final class LoggedModels {
  /** Object in a profile that says how it is replayed; written by {@link #variant}. */
  private static final String REPLAY = "replay";

  private static final String UINT8 = "uint8";
  private static final String WATTS = "watts";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String device;
  private final boolean robot;
  private final Map<String, DeviceProfile> profiles = new ConcurrentHashMap<>();

  /** @param robot whether this device takes the robot's times, else the server's */
  public LoggedModels(String device, boolean robot) {
    this.device = device;
    this.robot = robot;
  }

  /** A profile for a repository: as it is, with what its replay needs to know besides. */
  public static byte[] variant(byte[] profile, boolean uint8, Power robot) throws IOException {
    ObjectNode document = (ObjectNode) JSON.readTree(profile);
    ObjectNode replay = document.putObject(REPLAY).put(UINT8, uint8);
    replay.putArray(WATTS).add(robot.idleWatts()).add(robot.computeWatts()).add(robot.transmitWatts()).add(robot.receiveWatts());
    return JSON.writeValueAsBytes(document);
  }

  /** Whether the file is a profile rather than a network; no ONNX file begins like JSON. */
  static boolean is(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      int first = in.read();
      while (first == ' ' || first == '\n' || first == '\r' || first == '\t') first = in.read();
      return first == '{';
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether {@code graph} is that of a logged model that was taken here. */
  public boolean knows(OperatorGraph graph) {
    return profiles.containsKey(graph.hash());
  }

  /** How long the band takes on the device whose part this one takes, its kernels alone. */
  public double seconds(Band band) {
    DeviceProfile profile = profiles.get(band.graph().hash());
    List<Integer> stages = IntStream.range(0, band.graph().stages().size()).boxed().toList();
    return profile.tileSeconds(band, stages) - profile.tileSeconds();
  }

  LoadedModel describe(ModelRecord model, Path file, ModelConfig config) {
    OperatorGraph graph = read(file).graph();
    return new LoadedModel(
        model.name(), model.version(), model.sha256(), ports(graph, graph.inputs()), ports(graph, graph.outputs()),
        config.defaultStrategy(), config.deadline(), config.halo(), config.objective(), config.precision());
  }

  private static List<ModelStatus.Port> ports(OperatorGraph graph, List<Integer> tensors) {
    return tensors.stream().map(graph::tensor).map(LoggedModels::port).toList();
  }

  private static ModelStatus.Port port(Tensor tensor) {
    return new ModelStatus.Port(tensor.name(), tensor.type(), Arrays.stream(tensor.shape().toLongs()).boxed().toList());
  }

  /** @throws ModelRefused when it is no profile that can be split, or has other shapes */
  GraphCache.Measured measure(Path file, Map<String, Shape> shapes) {
    LoggedGraph logged = read(file);
    for (int input : logged.graph().inputs()) {
      Tensor tensor = logged.graph().tensor(input);
      Shape asked = shapes.get(tensor.name());
      if (!tensor.shape().equals(asked))
        throw new ModelRefused("input %s: %s (expected: %s, as logged)".formatted(tensor.name(), asked, tensor.shape()));
    }
    DeviceProfile profile = robot ? LoggedProfiles.robot(logged, device, power(file)) : LoggedProfiles.server(logged, device);
    profiles.put(logged.graph().hash(), profile);
    return new GraphCache.Measured(logged.graph(), profile);
  }

  private static LoggedGraph read(Path file) {
    try {
      LoggedModel log = LoggedModelReader.read(file);
      return LoggedImporter.load(log, replay(file).path(UINT8).asBoolean());
    } catch (ProfileRefused e) {
      throw new ModelRefused(e.getMessage(), e);
    }
  }

  private static Power power(Path file) {
    JsonNode watts = replay(file).path(WATTS);
    return watts.size() == 4
        ? new Power(watts.get(0).asDouble(), watts.get(1).asDouble(), watts.get(2).asDouble(), watts.get(3).asDouble())
        : new Power(LoggedPower.WAITING_WATTS, LoggedPower.COMPUTING_WATTS, LoggedPower.WAITING_WATTS, LoggedPower.WAITING_WATTS);
  }

  /** Read after the profile's own reader has checked the file. */
  private static JsonNode replay(Path file) {
    try {
      return JSON.readTree(file.toFile()).path(REPLAY);
    } catch (IOException e) {
      throw new ModelRefused("%s: %s".formatted(file.getFileName(), e.getMessage()), e);
    }
  }
}
