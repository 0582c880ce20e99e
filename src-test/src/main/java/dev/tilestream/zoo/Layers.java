package dev.tilestream.zoo;

import static dev.tilestream.zoo.Attributes.number;
import static dev.tilestream.zoo.Attributes.numbers;
import static dev.tilestream.zoo.Attributes.real;

import dev.tilestream.tensor.DataType;
import java.util.List;

/** Layers of 2-D networks as PyTorch exports them; values are passed by name together with their channel count. */
final class Layers {
  /** A value and its channels. */
  record Features(String value, int channels) {}

  private final OnnxModelBuilder model;

  Layers(String name, long seed) {
    model = new OnnxModelBuilder(name, seed);
  }

  Features input(int channels, int height, int width) {
    model.input("input", DataType.FLOAT32, 1, channels, height, width);
    return new Features("input", channels);
  }

  OnnxModelBuilder output(String value, int classes) {
    return model.output(model.node("Identity", List.of(value)), DataType.FLOAT32, 1, classes);
  }

  Features conv(Features x, int out, int kernel, int stride, int pad, int groups, boolean bias) {
    String w = model.heWeights(out, x.channels() / groups, kernel, kernel);
    List<String> inputs = bias ? List.of(x.value(), w, model.uniform(-0.1, 0.1, out)) : List.of(x.value(), w);
    String y = model.node(
        "Conv", inputs, numbers("kernel_shape", kernel, kernel), numbers("strides", stride, stride), numbers("pads", pad, pad, pad, pad),
        numbers("dilations", 1, 1), number("group", groups));
    return new Features(y, out);
  }

  /** Statistics such that the branch's output has about {@code gain} times the spread of its input. */
  Features batchNorm(Features x, double gain) {
    int c = x.channels();
    List<String> inputs = List.of(
        x.value(), model.uniform(0.8 * gain, 1.2 * gain, c), model.uniform(-0.1, 0.1, c), model.uniform(-0.2, 0.2, c), model.uniform(0.7, 1.4, c));
    return new Features(model.node("BatchNormalization", inputs, real("epsilon", 1e-5), real("momentum", 0.9)), c);
  }

  Features relu(Features x) {
    return new Features(model.node("Relu", List.of(x.value())), x.channels());
  }

  Features relu6(Features x) {
    return new Features(model.node("Clip", List.of(x.value(), model.scalar(0), model.scalar(6))), x.channels());
  }

  Features add(Features a, Features b) {
    return new Features(model.node("Add", List.of(a.value(), b.value())), a.channels());
  }

  Features concat(List<Features> parts) {
    int channels = parts.stream().mapToInt(Features::channels).sum();
    return new Features(model.node("Concat", parts.stream().map(Features::value).toList(), number("axis", 1)), channels);
  }

  Features maxPool(Features x, int kernel, int stride, int pad, boolean ceil) {
    String y = model.node(
        "MaxPool", List.of(x.value()), numbers("kernel_shape", kernel, kernel), numbers("strides", stride, stride),
        numbers("pads", pad, pad, pad, pad), number("ceil_mode", ceil ? 1 : 0));
    return new Features(y, x.channels());
  }

  Features averagePool(Features x, int kernel, int stride) {
    return new Features(
        model.node("AveragePool", List.of(x.value()), numbers("kernel_shape", kernel, kernel), numbers("strides", stride, stride)), x.channels());
  }

  /** Mean over the picture, then one value per channel: [1, channels]. */
  Features pooledVector(Features x) {
    return new Features(model.node("Flatten", List.of(model.node("GlobalAveragePool", List.of(x.value()))), number("axis", 1)), x.channels());
  }

  /** [1, channels * height * width]. */
  Features flatten(Features x, int height, int width) {
    return new Features(model.node("Flatten", List.of(x.value()), number("axis", 1)), x.channels() * height * width);
  }

  Features fullyConnected(Features x, int out) {
    String w = model.heWeights(out, x.channels());
    return new Features(
        model.node("Gemm", List.of(x.value(), w, model.uniform(-0.1, 0.1, out)), real("alpha", 1), real("beta", 1), number("transB", 1)), out);
  }
}
