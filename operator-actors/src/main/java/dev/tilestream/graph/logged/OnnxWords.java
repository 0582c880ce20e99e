package dev.tilestream.graph.logged;

import java.util.Map;

/** What ONNX calls the operators of the framework that was logged, so that the rules of stages apply to them. */
final class OnnxWords {
  private static final Map<String, String> WORDS = Map.ofEntries(
      Map.entry("conv2d", "Conv"), Map.entry("conv3d", "Conv"), Map.entry("conv_transpose2d", "ConvTranspose"),
      Map.entry("linear", "MatMul"), Map.entry("batch_norm", "BatchNormalization"), Map.entry("layer_norm", "LayerNormalization"),
      Map.entry("max_pool2d", "MaxPool"), Map.entry("avg_pool2d", "AveragePool"), Map.entry("relu", "Relu"), Map.entry("silu", "Swish"),
      Map.entry("gelu", "Gelu"), Map.entry("sigmoid", "Sigmoid"), Map.entry("hardswish", "HardSwish"),
      Map.entry("hardsigmoid", "HardSigmoid"), Map.entry("dropout", "Dropout"), Map.entry("cat", "Concat"), Map.entry("add", "Add"),
      Map.entry("sub", "Sub"), Map.entry("mul", "Mul"), Map.entry("div", "Div"), Map.entry("pow", "Pow"), Map.entry("gt", "Greater"),
      Map.entry("eq", "Equal"), Map.entry("any", "ReduceMax"), Map.entry("max", "ReduceMax"), Map.entry("mean", "ReduceMean"),
      Map.entry("argmax", "ArgMax"), Map.entry("type", "Cast"), Map.entry("float", "Cast"), Map.entry("clone", "Identity"),
      Map.entry("contiguous", "Identity"), Map.entry("interpolate", "Resize"), Map.entry("nms", "NonMaxSuppression"),
      Map.entry("masked_select", "Compress"), Map.entry("index_select", "Gather"), Map.entry("repeat", "Tile"),
      Map.entry("unbind", "Split"), Map.entry("zeros", "ConstantOfShape"), Map.entry("__setitem__", "Where"));

  private OnnxWords() {}

  /** Its own name where ONNX has no word for it. */
  static String of(LoggedOperator o) {
    // A column of every row is picked where the rows stay: with what reads it, that is one pass over rows in cache.
    if (o.op().equals("__getitem__")) return o.window().same() && o.kind() == LoggedOperator.Kind.LOCAL ? "Identity" : "Slice";
    if (o.op().equals("adaptive_avg_pool2d"))
      return o.kind() == LoggedOperator.Kind.GLOBAL ? "GlobalAveragePool" : o.window().same() ? "Identity" : "AveragePool";
    String name = o.inPlace() && !o.sets() ? o.op().substring(0, o.op().length() - 1) : o.op();
    return WORDS.getOrDefault(name, name);
  }
}
