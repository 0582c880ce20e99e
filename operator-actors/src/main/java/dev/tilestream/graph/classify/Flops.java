package dev.tilestream.graph.classify;

import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Site;
import dev.tilestream.graph.rules.WindowGeometry;
import dev.tilestream.tensor.Shape;

/** Work of one operator: multiply-adds times two where it multiplies matrices, else elements touched. */
final class Flops {
  private Flops() {}

  static long of(Site site) {
    if (site.outputs().isEmpty() || site.outputs().get(0) == null || site.out() == null) return 0;
    for (Tensor t : site.inputs()) if (t != null && t.shape() == null) return site.out().elements();
    return switch (site.type()) {
      case "Conv", "ConvInteger" -> 2 * site.out().elements() * perOutput(site.in(1), 0);
      case "QLinearConv" -> 2 * site.out().elements() * perOutput(site.in(3), 0);
      case "ConvTranspose" -> 2 * site.in(0).elements() * perOutput(site.in(1), 0);
      case "MatMul", "MatMulInteger", "QLinearMatMul" -> 2 * site.out().elements() * last(site.in(0));
      case "Gemm" -> 2 * site.out().elements() * site.in(0).dim(site.attributes().integer("transA", 0) == 0 ? 1 : 0);
      case "MaxPool", "AveragePool", "LpPool" -> site.out().elements() * window(site);
      default -> elements(site);
    };
  }

  private static long perOutput(Shape weights, int outputAxis) {
    return weights.dim(outputAxis) == 0 ? 0 : weights.elements() / weights.dim(outputAxis);
  }

  private static long last(Shape shape) {
    return shape.dim(shape.rank() - 1);
  }

  private static long window(Site site) {
    long product = 1;
    for (int k : WindowGeometry.of(site.attributes(), site.in(0), site.out(), null).kernel()) product *= k;
    return product;
  }

  /** The larger of what is read first and what is made. */
  private static long elements(Site site) {
    long made = site.out().elements();
    return site.has(0) ? Math.max(made, site.in(0).elements()) : made;
  }
}
