package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import dev.tilestream.tensor.Shape;
import java.util.Arrays;

/**
 * Windows of a convolution or pooling over its spatial axes (those behind batch and channel), with every way to write padding resolved
 * to explicit amounts. Arrays have one entry per spatial axis, outermost first.
 *
 * @param padBegin padding before the first row; for transposed convolutions what is cropped from the front of the full output
 */
public record WindowGeometry(int[] kernel, int[] stride, int[] dilation, int[] padBegin, int[] padEnd) {
  /**
   * @param input [batch, channel, spatial...]
   * @param output of the operator
   * @param weights [out, in/group, spatial...]; null when the attribute {@code kernel_shape} gives the window
   */
  public static WindowGeometry of(Attributes attributes, Shape input, Shape output, Shape weights) {
    WindowGeometry g = unpadded(attributes, input, weights);
    int n = g.kernel.length;
    String auto = attributes.text("auto_pad", "NOTSET");
    long[] pads = attributes.integers("pads");
    for (int d = 0; d < n; d++) {
      if (auto.startsWith("SAME")) {
        int total = Math.max(0, (output.dim(d + 2) - 1) * g.stride[d] + g.extent(d) - input.dim(d + 2));
        g.padBegin[d] = auto.equals("SAME_LOWER") ? total - total / 2 : total / 2;
        g.padEnd[d] = total - g.padBegin[d];
      } else if (auto.equals("NOTSET") && pads != null) {
        g.padBegin[d] = (int) pads[d];
        g.padEnd[d] = (int) pads[d + n];
      }
    }
    return g;
  }

  /**
   * Whether SAME padding would have to be below -1 along some axis (the stride passes over the last rows). ONNX Runtime then starts
   * its windows behind the first row, and differently for convolutions and pools. At -1 (a 1x1 convolution of stride 2 on an even
   * extent) the windows start at the first row, as with no padding.
   */
  public static boolean cropsInput(Attributes attributes, Shape input, Shape output, Shape weights) {
    if (!attributes.text("auto_pad", "NOTSET").startsWith("SAME")) return false;
    WindowGeometry g = unpadded(attributes, input, weights);
    for (int d = 0; d < g.kernel.length; d++)
      if ((output.dim(d + 2) - 1) * g.stride[d] + g.extent(d) < input.dim(d + 2) - 1) return true;
    return false;
  }

  /** The same for ConvTranspose: {@code output = stride * (input - 1) + output_padding + extent - padBegin - padEnd}. */
  public static WindowGeometry ofTransposed(Attributes attributes, Shape input, Shape output, Shape weights) {
    WindowGeometry g = unpadded(attributes, input, weights);
    int n = g.kernel.length;
    String auto = attributes.text("auto_pad", "NOTSET");
    long[] pads = attributes.integers("pads");
    long[] extra = attributes.integers("output_padding");
    boolean computed = attributes.has("output_shape") || auto.startsWith("SAME");
    for (int d = 0; d < n; d++) {
      int full = g.stride[d] * (input.dim(d + 2) - 1) + (extra == null ? 0 : (int) extra[d]) + g.extent(d);
      if (computed) {
        int total = Math.max(0, full - output.dim(d + 2));
        g.padBegin[d] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        g.padEnd[d] = total - g.padBegin[d];
      } else if (auto.equals("NOTSET") && pads != null) {
        g.padBegin[d] = (int) pads[d];
        g.padEnd[d] = (int) pads[d + n];
      }
    }
    return g;
  }

  private static WindowGeometry unpadded(Attributes attributes, Shape input, Shape weights) {
    int n = input.rank() - 2;
    int[] kernel = ints(attributes.integers("kernel_shape"), n);
    if (!attributes.has("kernel_shape") && weights != null) for (int d = 0; d < n; d++) kernel[d] = weights.dim(d + 2);
    int[] stride = ints(attributes.integers("strides"), n);
    return new WindowGeometry(kernel, stride, ints(attributes.integers("dilations"), n), new int[n], new int[n]);
  }

  private static int[] ints(long[] values, int n) {
    int[] out = new int[n];
    Arrays.fill(out, 1);
    if (values != null) for (int d = 0; d < n; d++) out[d] = (int) values[d];
    return out;
  }

  /** Input rows from the first to the last that one window touches. */
  public int extent(int d) {
    return (kernel[d] - 1) * dilation[d] + 1;
  }

  /** Rows along spatial axis {@code d} of an input of {@code rows} rows. */
  public RowMap.Window rows(int d, int rows) {
    return new RowMap.Window(kernel[d], stride[d], dilation[d], padBegin[d], rows);
  }
}
