package dev.tilestream.graph.onnx;

import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.graph.rules.WindowGeometry;
import dev.tilestream.tensor.Shape;
import java.util.Set;
import onnx.Onnx;

/**
 * With {@code ceil_mode}, ONNX Runtime infers an output row for windows that start beyond the input, and then does not make it. Shapes
 * from there on can't be believed.
 */
final class PoolShapes {
  private static final Set<String> POOLS = Set.of("MaxPool", "AveragePool", "LpPool");

  private PoolShapes() {}

  /** Whether the inferred shape has rows that the kernel leaves out. */
  static boolean contradicts(Onnx.NodeProto node, Shape input, Shape inferred) {
    if (!POOLS.contains(node.getOpType()) || !node.getDomain().isEmpty() || input == null || inferred == null) return false;
    Attributes attributes = Attributes.of(node);
    if (attributes.integer("ceil_mode", 0) == 0) return false;
    WindowGeometry g = WindowGeometry.of(attributes, input, inferred, null);
    for (int d = 0; d < g.kernel().length; d++)
      if ((inferred.dim(d + 2) - 1) * g.stride()[d] >= input.dim(d + 2) + g.padBegin()[d]) return true;
    return false;
  }
}
