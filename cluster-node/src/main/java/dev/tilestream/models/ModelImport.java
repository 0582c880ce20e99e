package dev.tilestream.models;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.ImportCache;
import dev.tilestream.graph.onnx.Isolation;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.graph.onnx.ModelSignature;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.graph.onnx.Pixels;
import dev.tilestream.profiles.OwnProfiles;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a model's file to what this device can run and how fast.
 *
 * @param cache directory of what importing leaves behind
 * @param bounds of that directory
 * @param isolation of the process that imports a model for the first time; empty: this one
 * @param profiles what this device takes for a graph, estimated at least
 * @param logged what takes models of which only measured times are there; empty: they are refused
 */
public record ModelImport(
    Path cache, CacheBounds bounds, Optional<Isolation> isolation, OwnProfiles profiles, Optional<LoggedModels> logged) {
  private static final Logger LOG = LoggerFactory.getLogger(ModelImport.class);

  /** What {@link #cache} may hold besides what is in use. */
  public record CacheBounds(int imports, long bytes) {}


  /**
   * What a model's file and configuration say of it.
   *
   * @param pixels what may stand in front of it
   */
  record Description(LoadedModel model, Optional<Pixels> pixels) {}

  /** @throws ModelRefused when it can't be run, with the reason */
  Description describe(ModelRecord model, Path file, ModelConfig config) {
    if (isLogged(file)) return new Description(logged.orElseThrow().describe(model, file, config), Optional.empty());
    LoadedModel plain = plain(model, ModelSignature.of(file), config);
    Optional<Pixels> pixels = PixelInput.of(plain, config);
    return new Description(pixels.map(p -> plain.withPixels(p.input(), PixelInput.sha256(plain.sha256(), p))).orElse(plain), pixels);
  }

  private static LoadedModel plain(ModelRecord model, ModelSignature signature, ModelConfig config) {
    return new LoadedModel(
        model.name(), model.version(), model.sha256(),
        signature.inputs().stream().map(port -> input(port, config)).toList(),
        signature.outputs().stream().map(ModelImport::output).toList(),
        config.defaultStrategy(), config.deadline(), config.halo(), config.objective(), config.precision());
  }

  private static ModelStatus.Port input(ModelSignature.Port port, ModelConfig config) {
    Shape fixed = config.shapes().get(port.name());
    if (fixed == null) return port(port);
    if (!port.accepts(fixed))
      throw new ModelRefused("config.json shapes.%s: %s (expected: as in the model, %s)".formatted(port.name(), fixed, port.dims()));
    return new ModelStatus.Port(port.name(), port.type(), Arrays.stream(fixed.toLongs()).boxed().toList());
  }

  private static ModelStatus.Port output(ModelSignature.Port port) {
    if (port.type() == null) throw new ModelRefused("output %s: not a tensor of numbers (expected: one)".formatted(port.name()));
    return port(port);
  }

  private static ModelStatus.Port port(ModelSignature.Port port) {
    List<Long> dims = port.dims() == null ? List.of() : port.dims().stream().map(Integer::longValue).toList();
    return new ModelStatus.Port(port.name(), port.type(), dims);
  }

  /**
   * Takes seconds for a large model.
   *
   * @param pixels in front of it
   */
  GraphCache.Measured measure(Path file, Optional<Pixels> pixels, Map<String, Shape> shapes) {
    if (isLogged(file)) {
      GraphCache.Measured logs = logged.orElseThrow().measure(file, shapes);
      profiles.given(logs.profile());
      return logs;
    }
    OperatorGraph graph = OnnxImporter.load(file, shapes, pixels, cache, isolation);
    trim();
    return new GraphCache.Measured(graph, profiles.of(graph));
  }

  private void trim() {
    try {
      ImportCache.trim(cache, bounds.imports, bounds.bytes);
    } catch (IOException e) {
      LOG.warn("model cache {}: not trimmed: {}", cache, e.toString());
    }
  }

  private boolean isLogged(Path file) {
    return logged.isPresent() && LoggedModels.is(file);
  }
}
