package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.Shape;
import java.util.Collection;

/** Shapes as a model claims them, if any tensor can have them. */
final class ModelShapes {
  private ModelShapes() {}

  /**
   * @param tensor whose it is
   * @throws ModelRefused when a dimension is negative, or there are 2^31 elements or more: no buffer holds them
   */
  static Shape of(String tensor, Collection<? extends Number> dims) {
    long elements = 1;
    int[] out = new int[dims.size()];
    int i = 0;
    for (Number d : dims) {
      long dim = d.longValue();
      // Zero counts as one, so that no product of the others overflows either.
      long factor = Math.max(1, dim);
      if (dim < 0 || factor > Integer.MAX_VALUE / elements)
        throw new ModelRefused("tensor %s: shape %s (expected: none negative, fewer than 2^31 elements)".formatted(tensor, dims));
      elements *= factor;
      out[i++] = (int) dim;
    }
    return Shape.of(out);
  }
}
