package dev.tilestream.graph.logged;

import dev.tilestream.graph.Locality;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.classify.StageBuilder;
import dev.tilestream.graph.logged.LoggedOperator.Kind;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx;

/** From a log to a classified graph. Tensors without logged type are FLOAT32. */
public final class LoggedImporter {
  private static final int MAX_ROWS = 1 << 16;

  private final LoggedModel model;
  private final LiveReads reads;
  private final boolean uint8Input;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Operator> operators = new ArrayList<>();
  private final List<Integer> inputs = new ArrayList<>();
  private final List<Integer> outputs = new ArrayList<>();
  /** Tensors that hold the result of a logged operator. */
  private final Map<Integer, List<Integer>> values = new HashMap<>();
  /** Operator that made the result of a logged operator; absent for the input. */
  private final Map<Integer, Integer> makers = new HashMap<>();
  private final LoggedTimes times = new LoggedTimes();
  private DataType outputType;

  private LoggedImporter(LoggedModel model, boolean uint8Input) {
    this.model = model;
    this.uint8Input = uint8Input;
    this.reads = LiveReads.of(model);
  }

  /**
   * @param uint8Input whether an input of wider elements comes as UINT8 and is converted by a first operator, as a camera gives it; a
   *     model whose input is one byte an element anyway stays as it is
   * @throws ProfileRefused when the log has no geometry, or windows and shapes contradict each other
   */
  public static LoggedGraph load(LoggedModel model, boolean uint8Input) {
    if (!model.hasGeometry())
      throw new ProfileRefused("%s: says of no operator whether it is local and what its window is (expected: a profile with geometry)"
          .formatted(model.name()));
    return new LoggedImporter(Selections.beforeJoining(model), uint8Input).graph();
  }

  private LoggedGraph graph() {
    List<LoggedOperator> all = model.operators();
    LoggedOperator end = all.get(all.size() - 1);
    outputType = WireTypes.atEnd(model.name() + ", output", model.outputBytes(), end.shapes());
    boolean cast = start(all.get(0));
    for (LoggedOperator o : all.subList(1, all.size() - 1)) {
      if (!reads.live(o)) times.fold(o, maker(o));
      else if (o.kind() == Kind.SHAPE_ONLY && !o.dataDependent()) alias(o);
      else operator(o);
    }
    for (int r : reads.of(end)) outputs.addAll(value(r));
    if (operators.isEmpty() || outputs.stream().anyMatch(inputs::contains))
      throw new ProfileRefused("%s: the output is the input (expected: operators between them)".formatted(model.name()));
    String hash = model.hash() + (cast ? "-uint8" : "");
    List<Onnx.TensorProto> initializers = new ArrayList<>(Collections.nCopies(tensors.size(), null));
    OperatorGraph graph = new OperatorGraph(hash, header(), tensors, initializers, operators,
        StageBuilder.stages(tensors, operators, outputs, new BitSet()), inputs, outputs, new NoWeights(hash));
    double casting = cast ? tensors.get(0).shape().elements() : 0;
    return new LoggedGraph(model, graph, times.robot(casting), times.server(casting));
  }

  private Onnx.ModelProto header() {
    return Onnx.ModelProto.newBuilder().setGraph(Onnx.GraphProto.newBuilder().setName(model.name())).build();
  }

  /** True when the input got an operator of its own that converts it. */
  private boolean start(LoggedOperator o) {
    if (o.shapes().size() != 1)
      throw new ProfileRefused("%s: %d inputs (expected: one)".formatted(model.name(), o.shapes().size()));
    DataType type = WireTypes.atEnd(model.name() + ", input", model.inputBytes(), o.shapes());
    boolean cast = uint8Input && type.bytes() > 1;
    int in = tensor("input", Tensor.Kind.INPUT, cast ? DataType.UINT8 : type, o.shapes().get(0), o.rowAxis());
    inputs.add(in);
    values.put(0, List.of(in));
    if (cast) {
      int real = tensor("normalised", Tensor.Kind.VALUE, DataType.FLOAT32, o.shapes().get(0), o.rowAxis());
      add("normalise", "Cast", List.of(in), List.of(real), new Locality.Local(List.of(new RowMap.Same())), o.shapes().get(0).elements());
      values.put(0, List.of(real));
      makers.put(0, 0);
      times.unknown();
    }
    return cast;
  }

  private int tensor(String name, Tensor.Kind kind, DataType type, Shape shape, int axis) {
    tensors.add(new Tensor(tensors.size(), name, kind, type, shape, axis));
    return tensors.size() - 1;
  }

  private void add(String name, String type, List<Integer> in, List<Integer> out, Locality locality, long flops) {
    Onnx.NodeProto.Builder node = Onnx.NodeProto.newBuilder().setName(name).setOpType(type);
    for (int t : in) node.addInput(tensors.get(t).name());
    for (int t : out) node.addOutput(tensors.get(t).name());
    operators.add(new Operator(operators.size(), node.build(), in, out, List.of(), locality, flops));
  }

  private List<Integer> value(int operator) {
    List<Integer> value = values.get(operator);
    if (value == null)
      throw new ProfileRefused("%s: operator %d is written to, but no output depends on it".formatted(model.name(), operator));
    return value;
  }

  private int maker(LoggedOperator o) {
    int last = -1;
    for (int r : reads.of(o)) last = Math.max(last, makers.getOrDefault(r, -1));
    return last;
  }

  /** A view: the same bytes under another shape. Row r of it is row r of what it is a view of. */
  private void alias(LoggedOperator o) {
    int of = reads.of(o).get(0);
    values.put(o.id(), value(of));
    if (makers.containsKey(of)) makers.put(o.id(), makers.get(of));
    times.fold(o, maker(o));
  }

  private void operator(LoggedOperator o) {
    String where = "%s, operator %d (%s)".formatted(model.name(), o.id(), o.op());
    List<Integer> in = new ArrayList<>();
    for (int r : reads.of(o)) for (int t : value(r)) if (!in.contains(t)) in.add(t);
    List<Integer> out = outputs(where, o);
    Locality locality = new Locality.Global(o.op() + ": global by the log");
    if (o.kind() == Kind.LOCAL) {
      List<RowMap> maps = new ArrayList<>();
      for (int t : in) maps.add(RowMaps.of(where, o.window(), tensors.get(t), tensors.get(out.get(0))));
      locality = new Locality.Local(maps);
    }
    makers.put(o.id(), operators.size());
    values.put(o.id(), out);
    add(o.op() + "_" + o.id(), OnnxWords.of(o), in, out, locality, flops(o, tensors.get(out.get(0)).shape()));
    times.add(o, tensors.get(out.get(0)).shape().elements());
  }

  private List<Integer> outputs(String where, LoggedOperator o) {
    if (o.sets()) {
      Tensor whole = tensors.get(value(reads.storage(o)).get(0));
      return List.of(tensor(o.op() + "_" + o.id(), Tensor.Kind.VALUE, whole.type(), whole.shape(), whole.axis()));
    }
    boolean local = o.kind() == Kind.LOCAL;
    if (o.shapes().isEmpty() || local && (o.shapes().size() != 1 || o.rowAxis() < 0 || o.rowAxis() >= o.shapes().get(0).rank()))
      throw new ProfileRefused("%s: shapes %s, row axis %d (expected: %s)"
          .formatted(where, o.shapes(), o.rowAxis(), local ? "one shape with that axis" : "at least one shape"));
    List<Integer> out = new ArrayList<>();
    boolean last = reads.of(model.operators().get(model.operators().size() - 1)).contains(o.id());
    for (Shape shape : o.shapes()) {
      int axis = local ? o.rowAxis() : outermost(shape);
      if (local && (shape.dim(axis) < 1 || shape.dim(axis) > MAX_ROWS))
        throw new ProfileRefused("%s: %d rows (expected: 1 to %d)".formatted(where, shape.dim(axis), MAX_ROWS));
      String name = o.op() + "_" + o.id() + (out.isEmpty() ? "" : "_" + out.size());
      out.add(tensor(name, Tensor.Kind.VALUE, last ? outputType : WireTypes.inside(o, out.size()), shape, axis));
    }
    return out;
  }

  private static int outermost(Shape shape) {
    if (shape.elements() == 0) return -1;
    for (int a = 0; a < shape.rank(); a++) if (shape.dim(a) > 1) return a;
    return -1;
  }

  /** Multiply-adds times two, or elements touched. */
  private long flops(LoggedOperator o, Shape out) {
    Shape in = first(model.operators().get(reads.of(o).get(0)).shapes());
    int channels = in.rank() < 2 ? 1 : Math.max(1, o.op().equals("linear") ? in.dim(in.rank() - 1) : in.dim(1));
    long perInput = Math.max(1, channels / o.window().groups()) * o.window().taps();
    return switch (o.op()) {
      case "conv2d", "conv3d" -> 2 * out.elements() * perInput;
      case "conv_transpose2d" -> 2 * out.elements() * Math.max(1, perInput / ((long) o.window().stride() * o.window().stride()));
      case "linear" -> 2 * out.elements() * channels;
      default -> out.elements() * o.window().taps();
    };
  }

  private static Shape first(List<Shape> shapes) {
    return shapes.isEmpty() ? Shape.of(new int[0]) : shapes.get(0);
  }
}
