package dev.tilestream.graph.onnx;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.classify.Classifier;
import dev.tilestream.graph.classify.Draft;
import dev.tilestream.tensor.DirectMemory;
import dev.tilestream.tensor.Shape;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import onnx.Onnx;

/** From an ONNX file to a classified graph. */
public final class OnnxImporter {
  private OnnxImporter() {}

  /**
   * @param model the file; external data lies beside it
   * @param inputShapes by input name; inputs whose shape the model fixes may be left out
   * @param cache directory that keeps what ONNX Runtime made of the model; a second import of the same model and shapes is quick
   * @return the caller owns the graph's {@link OperatorGraph#weights} and closes them when no kernel uses them any more
   * @throws ModelRefused when a dimension is open, a shape contradicts the model, or ONNX Runtime can't run it
   */
  public static OperatorGraph load(Path model, Map<String, Shape> inputShapes, Path cache) {
    return load(model, inputShapes, Optional.empty(), cache, Optional.empty());
  }

  /**
   * The same for a model that nobody vouches for, or that stands behind pixels.
   *
   * @param pixels in front of it; empty: it is as it is
   * @param isolation of the process that imports it, unless that has been done; empty: this one
   * @throws ModelRefused also when that process dies, takes too long or too much memory
   */
  public static OperatorGraph load(
      Path model, Map<String, Shape> inputShapes, Optional<Pixels> pixels, Path cache, Optional<Isolation> isolation) {
    MappedByteBuffer bytes = ModelFile.map(model);
    try {
      Onnx.ModelProto file = ModelFile.parse(bytes);
      Onnx.ModelProto proto = pixels.isEmpty() ? file : pixels.get().before(file);
      Map<String, Shape> shapes = ModelSignature.of(proto).resolve(inputShapes);
      Path directory = model.toAbsolutePath().getParent();
      String hash = ContentHash.of(bytes, proto, directory, shapes, pixels);
      if (isolation.isPresent())
        OptimizedModel.makeElsewhere(
            hash, new ImportProcess.Task(model, modelBytes(bytes, proto, directory), shapes, pixels), cache, isolation.get());
      return classify(hash, OptimizedModel.of(hash, proto, directory, shapes, cache));
    } finally {
      // The graph's weights are in a file of their own by now; pages of this one would count as resident until unmapped.
      DirectMemory.free(bytes);
    }
  }

  private static long modelBytes(MappedByteBuffer bytes, Onnx.ModelProto proto, Path directory) {
    long sum = bytes.capacity();
    for (Path file : ExternalData.files(proto, directory)) sum += file.toFile().length();
    return sum;
  }

  private static OperatorGraph classify(String hash, OptimizedModel optimized) {
    Onnx.ModelProto plain = SplitRewrite.of(optimized.model());
    MappedWeights[] drafted = new MappedWeights[1];
    boolean kept = false;
    try {
      Draft draft = DraftBuilder.build(plain, initializers -> {
        drafted[0] = MappedWeights.open(optimized.directory(), initializers);
        return drafted[0]::values;
      });
      OperatorGraph graph = Classifier.classify(hash, draft, initializers -> MappedWeights.open(optimized.directory(), initializers));
      ((MappedWeights) graph.weights()).keep(optimized.hold());
      kept = true;
      return graph;
    } finally {
      if (drafted[0] != null) drafted[0].close();
      if (!kept) optimized.hold().close();
    }
  }
}
