package dev.tilestream.scheduler;

import dev.tilestream.graph.Locality;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import onnx.Onnx;

/** Builds small graphs by hand: one stage for each operator, tensors [1, channels, rows, width]. */
public final class Graphs {
  private static final int WIDTH = 16;

  private final String name;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Operator> operators = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private final List<Integer> inputs = new ArrayList<>();
  private final List<Integer> outputs = new ArrayList<>();

  public Graphs(String name) {
    this.name = name;
  }

  private int tensor(Tensor.Kind kind, int channels, int rows) {
    tensors.add(new Tensor(tensors.size(), "t" + tensors.size(), kind, DataType.FLOAT32, Shape.of(1, channels, rows, WIDTH), 2));
    return tensors.size() - 1;
  }

  public int input(int channels, int rows) {
    inputs.add(tensor(Tensor.Kind.INPUT, channels, rows));
    return inputs.get(inputs.size() - 1);
  }

  public int rows(int tensor) {
    return tensors.get(tensor).rows();
  }

  public int channels(int tensor) {
    return tensors.get(tensor).shape().dim(1);
  }

  /** A convolution padded so that {@code stride} alone shrinks it. */
  public int conv(int tensor, int kernel, int stride, int channels) {
    int pad = (kernel - 1) / 2;
    int rows = (rows(tensor) + 2 * pad - kernel) / stride + 1;
    long flops = 2L * kernel * kernel * channels(tensor) * channels * rows * WIDTH;
    return local("Conv", List.of(tensor), List.of(new RowMap.Window(kernel, stride, 1, pad, rows(tensor))), channels, rows, flops);
  }

  public int add(int a, int b) {
    return local("Add", List.of(a, b), List.of(new RowMap.Same(), new RowMap.Same()), channels(a), rows(a),
        (long) channels(a) * rows(a) * WIDTH);
  }

  public int relu(int a) {
    return local("Relu", List.of(a), List.of(new RowMap.Same()), channels(a), rows(a), (long) channels(a) * rows(a) * WIDTH);
  }

  private int local(String type, List<Integer> from, List<RowMap> maps, int channels, int rows, long flops) {
    return operator(type, from, new Locality.Local(maps), tensor(Tensor.Kind.VALUE, channels, rows), flops);
  }

  /** Needs its whole input. */
  public int global(int tensor, int channels, int rows) {
    return operator("Global", List.of(tensor), new Locality.Global("test"), tensor(Tensor.Kind.VALUE, channels, rows), 1000);
  }

  private int operator(String type, List<Integer> from, Locality locality, int out, long flops) {
    int id = operators.size();
    Onnx.NodeProto node = Onnx.NodeProto.newBuilder().setOpType(type).setName(type + id).build();
    operators.add(new Operator(id, node, from, List.of(out), List.of(), locality, flops));
    stages.add(new Stage(id, List.of(id), from.stream().distinct().toList(), List.of(out), locality instanceof Locality.Local, flops));
    return out;
  }

  public Graphs output(int tensor) {
    outputs.add(tensor);
    return this;
  }

  public OperatorGraph build() {
    List<Onnx.TensorProto> initializers = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i++) initializers.add(null);
    return new OperatorGraph(name, Onnx.ModelProto.getDefaultInstance(), tensors, initializers, operators, stages, inputs, outputs, null);
  }

  /** {@code depth} 3x3 convolutions. */
  public static OperatorGraph chain(int depth, int rows) {
    Graphs g = new Graphs("chain-" + depth + "-" + rows);
    int t = g.input(3, rows);
    for (int i = 0; i < depth; i++) t = g.conv(t, 3, 1, 8);
    return g.output(t).build();
  }

  /** Any mixture of convolutions, residual additions and global operators; now and then a second output. */
  public static OperatorGraph random(long seed) {
    Random random = new Random(seed);
    Graphs g = new Graphs("random-" + seed);
    List<Integer> made = new ArrayList<>(List.of(g.input(1 + random.nextInt(4), 6 + random.nextInt(60))));
    int n = 1 + random.nextInt(14);
    for (int i = 0; i < n; i++) {
      int t = made.get(random.nextInt(4) == 0 ? random.nextInt(made.size()) : made.size() - 1);
      made.add(step(g, random, made, t));
    }
    int last = made.get(made.size() - 1);
    g.output(last);
    if (made.size() > 3 && random.nextInt(3) == 0) g.output(made.get(made.size() / 2));
    for (int t : made.subList(1, made.size() - 1)) if (g.unread(t) && !g.outputs.contains(t)) g.output(t);
    return g.build();
  }

  private static int step(Graphs g, Random random, List<Integer> made, int t) {
    switch (random.nextInt(8)) {
      case 0:
        for (int other : made) if (other != t && other != made.get(0) && g.rows(other) == g.rows(t) && g.channels(other) == g.channels(t))
          return g.add(t, other);
        return g.relu(t);
      case 1:
        return random.nextInt(3) == 0 ? g.global(t, 4, 1 + random.nextInt(20)) : g.relu(t);
      case 2:
        return g.conv(t, 3, g.rows(t) > 4 ? 2 : 1, 4 + random.nextInt(8));
      case 3:
        return g.conv(t, 1, 1, 4 + random.nextInt(8));
      default:
        return g.conv(t, 3 + 2 * random.nextInt(2), 1, 4 + random.nextInt(8));
    }
  }

  private boolean unread(int tensor) {
    return operators.stream().noneMatch(o -> o.inputs().contains(tensor));
  }
}
