package dev.tilestream.cli.replay;

import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.graph.logged.LoggedModelReader;
import dev.tilestream.models.LoggedModels;
import dev.tilestream.scheduler.profile.Power;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A logged model as the nodes of a replay serve it.
 *
 * @param name in their repository
 * @param input of the true size and type; its values are noise
 * @param uint8 whether the input comes as bytes, though the log's has wider elements
 */
record ReplayModel(String name, LoggedGraph logged, List<TensorBytes> input, boolean uint8) {

  /** @throws dev.tilestream.graph.logged.ProfileRefused when no graph can be made of the profile */
  static ReplayModel of(Experiment experiment, boolean uint8) {
    LoggedModel log = LoggedModelReader.read(experiment.profile());
    LoggedGraph logged = LoggedImporter.load(log, uint8);
    String name = experiment.profileName().replaceAll("[^A-Za-z0-9._]+", "-") + (uint8 ? "-uint8" : "");
    OperatorGraph graph = logged.graph();
    return new ReplayModel(name, logged, graph.inputs().stream().map(graph::tensor).map(ReplayModel::noise).toList(), uint8);
  }

  /** Whether it makes a difference that the input comes as bytes. */
  boolean differs() {
    return uint8 && logged.graph().hash().endsWith("-uint8");
  }

  private static TensorBytes noise(Tensor tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.shape().bytes(tensor.type()))];
    new Random(1).nextBytes(bytes);
    return new TensorBytes(
        tensor.name(), tensor.type(), Arrays.stream(tensor.shape().toLongs()).boxed().toList(), ByteBuffer.wrap(bytes));
  }

  /** Puts it where nodes find it. */
  void install(Path profile, Path repository, Power robot) throws IOException {
    Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
    Files.write(version.resolve("profile.json"), LoggedModels.variant(Files.readAllBytes(profile), uint8, robot));
  }
}
