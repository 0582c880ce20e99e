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
import onnx.Onnx.AttributeProto;

/** Sliding windows in one, two and three dimensions: convolutions and pools, with every kind of stride, dilation and padding. */
final class RandomWindows {
  static final Map<String, Step> STEPS = Map.of(
      "Conv", RandomWindows::conv,
      "ConvTranspose", RandomWindows::convTranspose,
      "MaxPool", (s, x) -> pool(s, x, "MaxPool"),
      "AveragePool", (s, x) -> pool(s, x, "AveragePool"),
      "LpPool", (s, x) -> pool(s, x, "LpPool"));

  private RandomWindows() {}

  /** Kernel, stride, dilation and padding per spatial axis, and the extents that come out; null when the window does not fit. */
  private record Window(int[] kernel, int[] stride, int[] dilation, int[] pads, String autoPad, boolean ceil, int[] out) {
    static Window random(Sketch s, int[] in, boolean dilated, boolean pool) {
      int n = in.length;
      int[] kernel = new int[n];
      int[] stride = new int[n];
      int[] dilation = new int[n];
      int[] pads = new int[2 * n];
      String autoPad = s.oneOf("NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
      boolean ceil = pool && autoPad.equals("NOTSET") && s.chance(0.4);
      int[] out = new int[n];
      for (int i = 0; i < n; i++) {
        kernel[i] = s.between(1, 4);
        stride[i] = s.between(1, 3);
        dilation[i] = dilated && !autoPad.startsWith("SAME") && s.chance(0.4) ? s.between(2, 3) : 1;
        if (autoPad.equals("NOTSET")) {
          // A pool's padding must be smaller than its kernel; a convolution's need not.
          pads[i] = s.between(0, pool ? kernel[i] - 1 : kernel[i]);
          pads[n + i] = s.between(0, pool ? kernel[i] - 1 : kernel[i]);
        }
        out[i] = extent(in[i], kernel[i], stride[i], dilation[i], pads[i], pads[n + i], autoPad, ceil);
        if (out[i] < 1) return null;
      }
      return new Window(kernel, stride, dilation, pads, autoPad, ceil, out);
    }

    private static int extent(int in, int kernel, int stride, int dilation, int before, int after, String autoPad, boolean ceil) {
      // SAME padding below zero is beyond the standard: ONNX Runtime's convolutions then answer differently from run to run.
      if (autoPad.startsWith("SAME")) return (in + stride - 1) / stride * stride - stride + kernel < in ? 0 : (in + stride - 1) / stride;
      int room = in + before + after - ((kernel - 1) * dilation + 1);
      if (room < 0) return 0;
      int out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
      // A window that would start in the padding behind the input: ONNX's shape inference counts it, ONNX Runtime leaves it out.
      return ceil && (out - 1) * stride >= in + before ? 0 : out;
    }

    List<AttributeProto> attributes(boolean dilations) {
      List<AttributeProto> a = new ArrayList<>(List.of(numbers("kernel_shape", kernel), numbers("strides", stride)));
      if (dilations) a.add(numbers("dilations", dilation));
      if (autoPad.equals("NOTSET")) a.add(numbers("pads", pads));
      else a.add(text("auto_pad", autoPad));
      if (ceil) a.add(number("ceil_mode", 1));
      return a;
    }
  }

  private static Edge conv(Sketch s, Edge x) {
    Window w = Window.random(s, x.spatial(), true, false);
    if (w == null) return null;
    int in = x.channels();
    int groups = s.chance(0.4) ? s.one(divisors(in)) : 1;
    int out = groups * s.between(1, Math.max(1, 8 / groups));
    if (!Sketch.fits(Sketch.dims(x.dims()[0], out, w.out))) return null;
    String weights = s.model.heWeights(Sketch.dims(out, in / groups, w.kernel));
    List<AttributeProto> a = w.attributes(true);
    a.add(number("group", groups));
    List<String> inputs = s.chance(0.5) ? List.of(x.name(), weights) : List.of(x.name(), weights, s.model.uniform(-1, 1, out));
    return new Edge(s.node("Conv", inputs, a.toArray(AttributeProto[]::new)), Sketch.dims(x.dims()[0], out, w.out));
  }

  private static Edge convTranspose(Sketch s, Edge x) {
    int n = x.rank() - 2;
    int[] kernel = new int[n];
    int[] stride = new int[n];
    int[] dilation = new int[n];
    int[] pads = new int[2 * n];
    int[] extra = new int[n];
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      kernel[i] = s.between(1, 4);
      stride[i] = s.between(1, 3);
      dilation[i] = s.chance(0.3) ? 2 : 1;
      int reach = (kernel[i] - 1) * dilation[i];
      pads[i] = s.between(0, reach / 2);
      pads[n + i] = s.between(0, reach / 2);
      extra[i] = stride[i] > 1 ? s.between(0, stride[i] - 1) : 0;
      out[i] = stride[i] * (x.spatial()[i] - 1) + extra[i] + reach + 1 - pads[i] - pads[n + i];
    }
    int groups = s.chance(0.3) ? s.one(divisors(x.channels())) : 1;
    int each = s.between(1, 3);
    int[] dims = Sketch.dims(x.dims()[0], each * groups, out);
    if (!Sketch.fits(dims) || Arrays.stream(out).max().getAsInt() > 40) return null;
    String y = s.node(
        "ConvTranspose", List.of(x.name(), s.model.uniform(-0.5, 0.5, Sketch.dims(x.channels(), each, kernel)), s.model.uniform(-1, 1, each * groups)),
        numbers("kernel_shape", kernel), numbers("strides", stride), numbers("dilations", dilation), numbers("pads", pads),
        numbers("output_padding", extra), number("group", groups));
    return new Edge(y, dims);
  }

  private static Edge pool(Sketch s, Edge x, String type) {
    boolean max = type.equals("MaxPool");
    Window w = Window.random(s, x.spatial(), max, true);
    if (w == null || type.equals("LpPool") && w.ceil) return null;
    List<AttributeProto> a = w.attributes(max);
    if (type.equals("AveragePool")) a.add(number("count_include_pad", s.between(0, 1)));
    if (type.equals("LpPool")) a.add(number("p", s.between(1, 2)));
    return new Edge(s.node(type, List.of(x.name()), a.toArray(AttributeProto[]::new)), Sketch.dims(x.dims()[0], x.channels(), w.out));
  }

  private static List<Integer> divisors(int n) {
    return IntStream.rangeClosed(1, n).filter(i -> n % i == 0).boxed().toList();
  }
}
