package dev.tilestream.fuzz;

import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.ImportCache;
import dev.tilestream.graph.onnx.Isolation;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.graph.onnx.ModelSignature;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.Shape;
import dev.tilestream.zoo.RandomGraphs;
import dev.tilestream.zoo.SharedData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/**
 * The ONNX importer, ONNX Runtime behind it: a classified graph or {@link ModelRefused}. Thousands of cases share a process, as nodes don't
 * do it; one that takes it with it is run again as nodes do. Odd seeds start from the operator tests of the
 * ONNX project where the shared data is there; all others from random networks.
 */
final class OnnxTarget implements FuzzTarget {
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(20), 64 << 20, 4096, 512 << 20);
  private static final Isolation ISOLATION = new Isolation(Duration.ofSeconds(20), 3L << 30);
  private static final long LARGEST_SAMPLE = 1 << 18;

  private final List<Path> operators;
  private final ScratchDirectory directory;
  private final Path file;
  private final Path cache;

  OnnxTarget() throws IOException {
    directory = ScratchDirectory.create("tilestream-fuzz-");
    file = directory.path().resolve("model.onnx");
    cache = directory.path().resolve("cache");
    operators = SharedData.present() ? samples(SharedData.path("onnx-operators")) : List.of();
  }

  private static List<Path> samples(Path root) {
    try (Stream<Path> files = Files.walk(root, 3)) {
      return files.filter(f -> f.endsWith("model.onnx") && f.toFile().length() < LARGEST_SAMPLE).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String word() {
    return "onnx";
  }

  @Override
  public Bounds bounds() {
    return BOUNDS;
  }

  @Override
  public Trial draw(long seed) {
    return draw(seed, Optional.empty());
  }

  @Override
  public Optional<Trial> isolated(long seed) {
    return Optional.of(draw(seed, Optional.of(ISOLATION)));
  }

  private Trial draw(long seed, Optional<Isolation> isolation) {
    Dice dice = new Dice(seed);
    byte[] valid = sample(seed, dice);
    byte[] hostile = valid;
    try {
      if (dice.chance(0.9)) hostile = new HostileModel(dice, ModelProto.parseFrom(valid)).hurt().toByteArray();
      if (dice.chance(0.15)) hostile = dice.breakBytes(hostile, sample(seed, dice));
      byte[] input = hostile;
      Files.write(file, input);
      return new Trial(input, () -> read(dice, isolation));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a sample that is no model", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] sample(long seed, Dice dice) {
    if (seed % 2 == 0 || operators.isEmpty()) return RandomGraphs.of(dice.below(1 << 20)).model();
    try {
      return Files.readAllBytes(dice.one(operators));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String read(Dice dice, Optional<Isolation> isolation) throws IOException {
    try {
      OperatorGraph graph = OnnxImporter.load(file, shapes(dice), Optional.empty(), cache, isolation);
      graph.weights().close();
      return Trial.TAKEN;
    } catch (ModelRefused e) {
      return e.getMessage().split("[: ]")[0];
    } finally {
      ImportCache.trim(cache, 0, 0);
    }
  }

  /** Small ones for what the model leaves open. */
  private Map<String, Shape> shapes(Dice dice) {
    Map<String, Shape> shapes = new HashMap<>();
    for (ModelSignature.Port port : ModelSignature.of(file).inputs()) {
      if (port.fixed() || port.dims() == null) continue;
      shapes.put(port.name(), Shape.of(port.dims().stream().mapToInt(d -> d < 0 ? dice.between(1, 4) : d).toArray()));
    }
    return shapes;
  }

  @Override
  public void close() {
    directory.close();
  }
}
