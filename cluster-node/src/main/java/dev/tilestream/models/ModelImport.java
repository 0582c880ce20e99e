package dev.tilestream.models;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.onnx.ModelRefused;
import dev.tilestream.graph.onnx.ModelSignature;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * From a model's file to what this device can run and how fast.
 *
 * @param cache directory of what importing leaves behind
 * @param profiler measures a graph here
 * @param logged what takes models of which only measured times are there; empty: they are refused
 */
public record ModelImport(Path cache, Function<OperatorGraph, DeviceProfile> profiler, Optional<LoggedModels> logged) {

  /** @throws ModelRefused when it can't be run, with the reason */
  LoadedModel describe(ModelRecord model, Path file, ModelConfig config) {
    if (isLogged(file)) return logged.orElseThrow().describe(model, file, config);
    ModelSignature signature = ModelSignature.of(file);
    return new LoadedModel(
        model.name(), model.version(), model.sha256(),
        signature.inputs().stream().map(port -> input(port, config)).toList(),
        signature.outputs().stream().map(ModelImport::output).toList(),
        config.defaultStrategy(), config.deadline(), config.halo());
  }

  private static ModelStatus.Port input(ModelSignature.Port port, ModelConfig config) {
    Shape fixed = config.shapes().get(port.name());
    if (fixed == null) return port(port);
    if (!port.accepts(fixed))
      throw new ModelRefused("config.json shapes.%s: %s (expected: as in the model, %s)".formatted(port.name(), fixed, port.dims()));
    return new ModelStatus.Port(port.name(), port.type(), java.util.Arrays.stream(fixed.toLongs()).boxed().toList());
  }

  private static ModelStatus.Port output(ModelSignature.Port port) {
    if (port.type() == null) throw new ModelRefused("output %s: not a tensor of numbers (expected: one)".formatted(port.name()));
    return port(port);
  }

  private static ModelStatus.Port port(ModelSignature.Port port) {
    List<Long> dims = port.dims() == null ? List.of() : port.dims().stream().map(Integer::longValue).toList();
    return new ModelStatus.Port(port.name(), port.type(), dims);
  }

  /** Takes seconds for a large model. */
  GraphCache.Measured measure(Path file, Map<String, Shape> shapes) {
    if (isLogged(file)) return logged.orElseThrow().measure(file, shapes);
    OperatorGraph graph = OnnxImporter.load(file, shapes, cache);
    return new GraphCache.Measured(graph, profiler.apply(graph));
  }

  private boolean isLogged(Path file) {
    return logged.isPresent() && LoggedModels.is(file);
  }
}
