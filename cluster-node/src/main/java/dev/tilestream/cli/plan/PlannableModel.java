package dev.tilestream.cli.plan;

import com.typesafe.config.ConfigFactory;
import dev.tilestream.cli.CommandFailed;
import dev.tilestream.cli.experiment.MeasurementFiles;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModelReader;
import dev.tilestream.graph.logged.ProfileRefused;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.kernel.KernelSettings;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.scheduler.logged.LoggedPower;
import dev.tilestream.scheduler.logged.LoggedProfiles;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.ProfileCodec;
import dev.tilestream.scheduler.profile.Profiler;
import dev.tilestream.scheduler.profile.ProfilerSettings;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model that plans can be made for, and how long its stages take. The graph's weights stay mapped until the end of the program.
 *
 * @param robot times of a robot of speed 1
 * @param edge times of an edge of speed 1: an edge's own where a log has them, else the same
 * @param measured whether the times are measurements of computing kernels, which come out a little different each time
 */
public record PlannableModel(OperatorGraph graph, DeviceProfile robot, DeviceProfile edge, boolean measured) {
  /** Edges' joules are nobody's battery. */
  static final Power EDGE_POWER = new Power(0, 0, 0, 0);

  private static final long POOL_BYTES = 2L << 30;
  private static final long LARGEST_BUFFER = 1L << 30;
  private static final long LARGEST_PROFILE = 64L << 20;

  /**
   * A log.
   *
   * @throws CommandFailed when it is none that a graph can be made of
   */
  public static PlannableModel logged(Path profile, boolean uint8) {
    try {
      LoggedGraph logged = LoggedImporter.load(LoggedModelReader.read(profile), uint8);
      Power power = LoggedPower.robot(logged.log(), MeasurementFiles.beside(profile).published());
      return new PlannableModel(logged.graph(), LoggedProfiles.robot(logged, "robot", power), LoggedProfiles.server(logged, "edge"), false);
    } catch (ProfileRefused e) {
      throw new CommandFailed(e.getMessage(), e);
    }
  }

  /**
   * An ONNX model; its stages are measured here unless {@code measured} names a file with times. Takes seconds.
   *
   * @param shapes of inputs whose shape the model leaves open
   * @param cache directory for what ONNX Runtime makes of the model
   * @throws CommandFailed when the model is refused, or the times are of another one
   */
  public static PlannableModel onnx(Path file, Map<String, Shape> shapes, Path cache, Path measured) {
    try {
      OperatorGraph graph = OnnxImporter.load(file, shapes, cache);
      DeviceProfile profile = measured == null ? measure(graph) : decode(measured);
      requireSame(measured, profile, graph);
      return new PlannableModel(graph, profile, profile, true);
    } catch (ModelRefused e) {
      throw new CommandFailed("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static DeviceProfile measure(OperatorGraph graph) {
    KernelSettings settings = KernelSettings.from(ConfigFactory.load());
    try (BufferPool pool = BufferPool.bounded(POOL_BYTES, LARGEST_BUFFER); Kernels kernels = Kernels.of(settings)) {
      Profiler profiler = settings.threads() == 1
          ? new Profiler(kernels, pool, ProfilerSettings.DEFAULT, Profiler::processorTime)
          : new Profiler(kernels, pool, ProfilerSettings.DEFAULT);
      return profiler.profile("here", graph, Power.ROBOT);
    }
  }

  /** Times that {@link ProfileCodec} wrote. */
  static DeviceProfile decode(Path file) {
    try {
      if (!Files.isRegularFile(file)) throw new CommandFailed(file + ": no such file (expected: a profile that plan --save-profile wrote)");
      if (Files.size(file) > LARGEST_PROFILE)
        throw new CommandFailed("%s: %,d bytes (expected: at most %,d)".formatted(file, Files.size(file), LARGEST_PROFILE));
      return ProfileCodec.decode(Files.readAllBytes(file));
    } catch (IllegalArgumentException e) {
      throw new CommandFailed("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new CommandFailed("%s: can't be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void requireSame(Path file, DeviceProfile profile, OperatorGraph graph) {
    if (!profile.graphHash().equals(graph.hash()) || profile.stages().size() != graph.stages().size())
      throw new CommandFailed("%s: times of %d stages of graph %s (expected: %d stages of %s)"
          .formatted(file, profile.stages().size(), profile.graphHash(), graph.stages().size(), graph.hash()));
  }

  /** The times of one of the file's devices. */
  DeviceProfile of(DevicesFile.Device device) {
    DeviceProfile base = device.robot() ? robot : edge;
    if (device.profile().isPresent()) {
      base = decode(device.profile().get());
      requireSame(device.profile().get(), base, graph);
    }
    Power power = device.power().orElse(device.robot() ? base.power() : EDGE_POWER);
    DeviceProfile named = base.slower(1 / device.speed()).named(device.name());
    return new DeviceProfile(named.device(), named.graphHash(), named.stages(), named.fusedRatio(), named.tileSeconds(), power);
  }
}
