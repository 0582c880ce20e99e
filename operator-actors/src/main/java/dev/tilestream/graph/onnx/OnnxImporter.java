package dev.tilestream.graph.onnx;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.classify.Classifier;
import dev.tilestream.graph.classify.Draft;
import dev.tilestream.tensor.Shape;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
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
    MappedByteBuffer bytes = ModelFile.map(model);
    Onnx.ModelProto proto = ModelFile.parse(bytes);
    Map<String, Shape> shapes = ModelSignature.of(proto).resolve(inputShapes);
    String hash = hash(bytes, shapes);
    OptimizedModel optimized = OptimizedModel.of(hash, proto, model.toAbsolutePath().getParent(), shapes, cache);
    return classify(hash, optimized);
  }

  private static OperatorGraph classify(String hash, OptimizedModel optimized) {
    Onnx.ModelProto plain = SplitRewrite.of(optimized.model());
    MappedWeights[] drafted = new MappedWeights[1];
    try {
      Draft draft = DraftBuilder.build(plain, initializers -> {
        drafted[0] = MappedWeights.open(optimized.directory(), initializers);
        return drafted[0]::values;
      });
      return Classifier.classify(hash, draft, initializers -> MappedWeights.open(optimized.directory(), initializers));
    } finally {
      if (drafted[0] != null) drafted[0].close();
    }
  }

  private static String hash(MappedByteBuffer model, Map<String, Shape> shapes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(model.duplicate());
      for (Map.Entry<String, Shape> e : new TreeMap<>(shapes).entrySet())
        digest.update((e.getKey() + e.getValue()).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
