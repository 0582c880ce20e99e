package dev.tilestream.zoo;

import static dev.tilestream.zoo.Attributes.number;
import static dev.tilestream.zoo.Attributes.numbers;
import static dev.tilestream.zoo.Attributes.text;

import dev.tilestream.zoo.Sketch.Edge;
import dev.tilestream.zoo.Sketch.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that move elements: joins, cuts, borders, resampling, shuffles. */
final class RandomShapes {
  static final Map<String, Step> STEPS = Map.of(
      "Concat", RandomShapes::concat,
      "Split", RandomShapes::split,
      "Slice", RandomShapes::slice,
      "Pad", RandomShapes::pad,
      "Resize", RandomShapes::resize,
      "DepthToSpace", RandomShapes::depthToSpace,
      "SpaceToDepth", RandomShapes::spaceToDepth,
      "ChannelShuffle", RandomShapes::channelShuffle,
      "Transpose", RandomShapes::channelsLast,
      "Flatten", RandomShapes::pixelsInARow);

  private RandomShapes() {}

  private static Edge concat(Sketch s, Edge x) {
    int axis = s.chance(0.6) ? 1 : s.between(2, x.rank() - 1);
    List<Edge> fitting = s.edges.stream().filter(e -> e.rank() == x.rank() && Arrays.equals(Sketch.with(e.dims(), axis, 1), Sketch.with(x.dims(), axis, 1))).toList();
    List<Edge> parts = new ArrayList<>(List.of(x));
    for (int i = s.between(1, 2); i > 0; i--) parts.add(fitting.isEmpty() ? x : s.one(fitting));
    int[] dims = Sketch.with(x.dims(), axis, parts.stream().mapToInt(p -> p.dims()[axis]).sum());
    if (!Sketch.fits(dims)) return null;
    return new Edge(s.node("Concat", parts.stream().map(Edge::name).toList(), number("axis", axis)), dims);
  }

  private static Edge split(Sketch s, Edge x) {
    int axis = s.chance(0.6) ? 1 : s.between(2, x.rank() - 1);
    int extent = x.dims()[axis];
    if (extent < 2) return null;
    int first = s.between(1, extent - 1);
    List<String> parts = s.model.node("Split", List.of(x.name(), s.model.numbers(first, extent - first)), 2, number("axis", axis));
    Edge a = new Edge(parts.get(0), Sketch.with(x.dims(), axis, first));
    Edge b = new Edge(parts.get(1), Sketch.with(x.dims(), axis, extent - first));
    s.edges.add(a);
    return b;
  }

  private static Edge slice(Sketch s, Edge x) {
    int axis = s.between(1, x.rank() - 1);
    int extent = x.dims()[axis];
    if (extent < 3) return null;
    int from = s.between(0, extent / 3);
    int to = s.between(extent / 2 + 1, extent);
    int step = s.oneOf(1, 1, 2, -1, -2);
    int count = (to - from + Math.abs(step) - 1) / Math.abs(step);
    // Counting down from the last element to the one before the first: "before 0" can only be said as a large negative number.
    long begin = step > 0 ? from : to - 1;
    long end = step > 0 ? to : from == 0 ? -1000 : from - 1;
    String y = s.node("Slice", List.of(x.name(), s.model.numbers(begin), s.model.numbers(end), s.model.numbers(axis), s.model.numbers(step)));
    return new Edge(y, Sketch.with(x.dims(), axis, count));
  }

  private static Edge pad(Sketch s, Edge x) {
    String mode = s.oneOf("constant", "reflect", "edge");
    long[] pads = new long[2 * x.rank()];
    int[] dims = x.dims().clone();
    for (int i = 2; i < x.rank(); i++) {
      int most = mode.equals("reflect") ? Math.min(2, dims[i] - 1) : 2;
      pads[i] = s.between(mode.equals("constant") && dims[i] > 4 ? -1 : 0, most);
      pads[x.rank() + i] = s.between(0, most);
      dims[i] += (int) (pads[i] + pads[x.rank() + i]);
    }
    if (!Sketch.fits(dims)) return null;
    List<String> inputs = new ArrayList<>(List.of(x.name(), s.model.numbers(pads)));
    if (mode.equals("constant")) inputs.add(s.model.scalar(0.3f));
    return new Edge(s.node("Pad", inputs, text("mode", mode)), dims);
  }

  private static Edge resize(Sketch s, Edge x) {
    if (x.rank() != 4) return null;
    String mode = s.oneOf("nearest", "linear", "cubic");
    String coordinates = s.oneOf("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel");
    int[] dims = x.dims().clone();
    for (int i = 2; i < 4; i++) dims[i] = s.between(Math.max(2, dims[i] / 2), dims[i] * 2);
    if (!Sketch.fits(dims)) return null;
    List<onnx.Onnx.AttributeProto> a = new ArrayList<>(List.of(text("mode", mode), text("coordinate_transformation_mode", coordinates)));
    if (mode.equals("nearest")) a.add(text("nearest_mode", s.oneOf("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")));
    String sizes = s.model.numbers(Arrays.stream(dims).asLongStream().toArray());
    return new Edge(s.node("Resize", List.of(x.name(), "", "", sizes), a.toArray(onnx.Onnx.AttributeProto[]::new)), dims);
  }

  private static Edge depthToSpace(Sketch s, Edge x) {
    if (x.rank() != 4 || x.channels() % 4 != 0) return null;
    int[] d = {x.dims()[0], x.channels() / 4, x.dims()[2] * 2, x.dims()[3] * 2};
    return new Edge(s.node("DepthToSpace", List.of(x.name()), number("blocksize", 2), text("mode", s.oneOf("DCR", "CRD"))), d);
  }

  private static Edge spaceToDepth(Sketch s, Edge x) {
    if (x.rank() != 4 || x.dims()[2] % 2 != 0 || x.dims()[3] % 2 != 0) return null;
    int[] d = {x.dims()[0], x.channels() * 4, x.dims()[2] / 2, x.dims()[3] / 2};
    return new Edge(s.node("SpaceToDepth", List.of(x.name()), number("blocksize", 2)), d);
  }

  /** [N, g*k, ...] to [N, g, k, ...], the two swapped, and back: ShuffleNet's shuffle. */
  private static Edge channelShuffle(Sketch s, Edge x) {
    if (x.channels() % 2 != 0) return null;
    int n = x.rank();
    long[] apart = new long[n + 1];
    apart[0] = x.dims()[0];
    apart[1] = 2;
    apart[2] = x.channels() / 2;
    for (int i = 2; i < n; i++) apart[i + 1] = x.dims()[i];
    int[] order = IntStream.rangeClosed(0, n).toArray();
    order[1] = 2;
    order[2] = 1;
    String groups = s.node("Reshape", List.of(x.name(), s.model.numbers(apart)));
    String swapped = s.node("Transpose", List.of(groups), numbers("perm", order));
    return x.as(s.node("Reshape", List.of(swapped, s.model.numbers(Arrays.stream(x.dims()).asLongStream().toArray()))));
  }

  /** To channels-last, something per channel there, and back. */
  private static Edge channelsLast(Sketch s, Edge x) {
    int n = x.rank();
    int[] there = new int[n];
    int[] back = new int[n];
    for (int i = 1; i < n; i++) there[i] = i == n - 1 ? 1 : i + 1;
    for (int i = 0; i < n; i++) back[there[i]] = i;
    String y = s.node("Add", List.of(s.node("Transpose", List.of(x.name()), numbers("perm", there)), s.model.uniform(-1, 1, x.channels())));
    return x.as(s.node("Transpose", List.of(y), numbers("perm", back)));
  }

  /** [N, C, H, W] to [N, C, H*W], as detectors hand out their boxes. */
  private static Edge pixelsInARow(Sketch s, Edge x) {
    if (x.rank() != 4) return null;
    int pixels = x.dims()[2] * x.dims()[3];
    String y = s.node("Reshape", List.of(x.name(), s.model.numbers(x.dims()[0], x.channels(), pixels)));
    return new Edge(y, x.dims()[0], x.channels(), pixels);
  }
}
