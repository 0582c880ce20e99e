package dev.tilestream.graph.rules;

import dev.tilestream.graph.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The table: operator type to its rule. What is not in it is global. */
public final class Rules {
  private static final Map<String, Rule> TABLE = new HashMap<>();
  private static final Set<String> ELEMENTWISE = Set.of(
      "Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr",
      "BitwiseXor", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Div", "Elu", "Equal", "Erf", "Exp", "Floor", "Gelu", "Greater",
      "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean",
      "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign",
      "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Where", "Xor");
  private static final Set<String> FOLLOWERS = Set.of("BatchNormalization", "CastLike", "Dropout", "QuantizeLinear", "DequantizeLinear");
  private static final Set<String> MOVERS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand");
  private static final Set<String> PICKERS = Set.of("Concat", "Gather", "Slice", "Pad", "DepthToSpace", "SpaceToDepth");

  static {
    for (String type : ELEMENTWISE) TABLE.put(type, ElementwiseRules::broadcast);
    TABLE.put("CastLike", ElementwiseRules::first);
    TABLE.put("Dropout", ElementwiseRules::dropout);
    TABLE.put("QuantizeLinear", ElementwiseRules::quantize);
    TABLE.put("DequantizeLinear", ElementwiseRules::quantize);
    windows();
    normalizations();
    reductions();
    shapes();
  }

  private Rules() {}

  private static void windows() {
    TABLE.put("Conv", WindowRules::convolution);
    TABLE.put("ConvInteger", WindowRules::convolution);
    TABLE.put("QLinearConv", WindowRules::quantizedConvolution);
    TABLE.put("ConvTranspose", WindowRules::transposedConvolution);
    for (String type : new String[] {"MaxPool", "AveragePool", "LpPool"}) TABLE.put(type, WindowRules::pool);
    for (String type : new String[] {"GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"}) TABLE.put(type, WindowRules::globalPool);
    TABLE.put("Resize", ResizeRules::resize);
    TABLE.put("Upsample", ResizeRules::resize);
    TABLE.put("MatMul", MatrixRules::product);
    TABLE.put("MatMulInteger", MatrixRules::integerProduct);
    TABLE.put("QLinearMatMul", MatrixRules::quantizedProduct);
    TABLE.put("Gemm", MatrixRules::gemm);
  }

  private static void normalizations() {
    TABLE.put("BatchNormalization", NormalizationRules::batch);
    TABLE.put("InstanceNormalization", NormalizationRules::instance);
    TABLE.put("GroupNormalization", NormalizationRules::group);
    TABLE.put("LayerNormalization", NormalizationRules::layer);
    TABLE.put("RMSNormalization", NormalizationRules::layer);
    TABLE.put("MeanVarianceNormalization", NormalizationRules::meanVariance);
    TABLE.put("LpNormalization", ReductionRules::alongLast);
    TABLE.put("LRN", NormalizationRules::localResponse);
  }

  private static void reductions() {
    for (String type : new String[] {"Softmax", "LogSoftmax", "Hardmax"}) TABLE.put(type, ReductionRules::softmax);
    for (String name : new String[] {"L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"})
      TABLE.put("Reduce" + name, ReductionRules::reduce);
    TABLE.put("ArgMax", ReductionRules::argument);
    TABLE.put("ArgMin", ReductionRules::argument);
    TABLE.put("TopK", ReductionRules::alongLast);
    TABLE.put("CumSum", ReductionRules::cumulative);
  }

  private static void shapes() {
    for (String type : new String[] {"Reshape", "Flatten", "Squeeze", "Unsqueeze"}) TABLE.put(type, ShapeRules::reshape);
    TABLE.put("Transpose", ShapeRules::transpose);
    TABLE.put("Expand", ShapeRules::expand);
    TABLE.put("Tile", ShapeRules::tile);
    TABLE.put("DepthToSpace", ShapeRules::depthToSpace);
    TABLE.put("SpaceToDepth", ShapeRules::spaceToDepth);
    TABLE.put("Concat", PickRules::concat);
    TABLE.put("Slice", PickRules::slice);
    TABLE.put("Pad", PickRules::pad);
    TABLE.put("Gather", PickRules::gather);
    TABLE.put("GatherElements", PickRules::gatherElements);
    TABLE.put("OneHot", PickRules::oneHot);
  }

  /** @param axes split axis of each input; -1 for constants, for inputs left out, and for those that are to be held whole */
  public static Verdict judge(Site site, int[] axes) {
    String domain = site.node().getDomain();
    if (!domain.isEmpty() && !domain.equals("ai.onnx")) return Verdict.global("%s: of %s", site.type(), domain);
    Rule rule = TABLE.get(site.type());
    if (rule == null) return Verdict.global("%s: has no rule for rows", site.type());
    if (site.inputs().isEmpty() || !site.has(0)) return Verdict.global("%s: has no input", site.type());
    for (List<Tensor> tensors : List.of(site.inputs(), site.outputs()))
      for (Tensor t : tensors)
        if (t != null && !divisible(t)) return Verdict.global("%s: %s is empty or of unknown shape", site.type(), t.name());
    return rule.judge(site, axes);
  }

  /** Empty optional constants (Resize's unused scales) are no obstacle: nobody cuts them. */
  private static boolean divisible(Tensor t) {
    return t.type() != null && t.shape() != null && (t.constant() || t.shape().elements() > 0);
  }

  /** Cheap operators without a window, which run while their producer's rows are still in cache. */
  public static boolean follower(String type) {
    return ELEMENTWISE.contains(type) || FOLLOWERS.contains(type) || MOVERS.contains(type);
  }

  /** Operators that only move rows about: as well in front of the one operator that reads them as on their own. */
  public static boolean mover(String type) {
    return MOVERS.contains(type) || PICKERS.contains(type);
  }
}
