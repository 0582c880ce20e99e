package dev.tilestream.tile;

import dev.tilestream.graph.Locality;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import onnx.Onnx;

/**
 * A chain of {@code depth} box filters over [1, channels, rows, columns]: output row r is the sum of input rows r-1, r, r+1. Every
 * operator is a stage; every stage has a halo of one row on each side. Integers in floats, so that every order of adding is exact.
 */
public final class BoxGraph {
  private BoxGraph() {}

  public static OperatorGraph chain(int depth, int channels, int rows, int columns) {
    Shape shape = Shape.of(1, channels, rows, columns);
    List<Tensor> tensors = new ArrayList<>(List.of(new Tensor(0, "t0", Tensor.Kind.INPUT, DataType.FLOAT32, shape, 2)));
    List<Operator> operators = new ArrayList<>();
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      tensors.add(new Tensor(i + 1, "t" + (i + 1), Tensor.Kind.VALUE, DataType.FLOAT32, shape, 2));
      Locality window = new Locality.Local(List.of(new RowMap.Window(3, 1, 1, 1, rows)));
      Onnx.NodeProto node = Onnx.NodeProto.newBuilder().setOpType("Box").build();
      operators.add(new Operator(i, node, List.of(i), List.of(i + 1), List.of(), window, 1));
      stages.add(new Stage(i, List.of(i), List.of(i), List.of(i + 1), true, 1));
    }
    String hash = "box-%d-%d-%d-%d".formatted(depth, channels, rows, columns);
    List<Onnx.TensorProto> none = new ArrayList<>(Collections.nCopies(tensors.size(), null));
    return new OperatorGraph(hash, Onnx.ModelProto.getDefaultInstance(), tensors, none, operators, stages, List.of(0), List.of(depth), null);
  }

  /** What the chain makes of {@code input}, straightforwardly. */
  static float[] expected(OperatorGraph graph, float[] input) {
    Shape shape = graph.tensor(0).shape();
    int rows = shape.dim(2);
    int columns = shape.dim(3);
    float[] now = input;
    for (int i = 0; i < graph.operators().size(); i++) {
      float[] next = new float[now.length];
      for (int k = 0; k < now.length; k++) {
        int row = k / columns % rows;
        next[k] = now[k] + (row > 0 ? now[k - columns] : 0) + (row < rows - 1 ? now[k + columns] : 0);
      }
      now = next;
    }
    return now;
  }

  /** Every stage cut evenly over the devices. */
  public static Plan even(OperatorGraph graph, String... devices) {
    int rows = graph.tensor(0).rows();
    int n = devices.length;
    List<Tile> tiles = new ArrayList<>();
    for (Stage stage : graph.stages())
      for (int d = 0; d < n; d++) {
        RowSpan span = new RowSpan(rows * d / n, rows * (d + 1) / n);
        tiles.add(new Tile(tiles.size(), d, List.of(stage.id()), List.of(new Rows(stage.outputs().get(0), span)), stage.id()));
      }
    return new Plan(graph.hash(), Strategy.EVEN, Arrays.asList(devices), tiles, Double.NaN, Double.NaN, true);
  }

  /** One tile for everything, on the device of that index. */
  public static Plan whole(OperatorGraph graph, int device, String... devices) {
    List<Integer> stages = IntStream.range(0, graph.stages().size()).boxed().toList();
    int out = graph.outputs().get(0);
    Tile tile = new Tile(0, device, stages, List.of(new Rows(out, graph.tensor(out).all())), 0);
    return new Plan(graph.hash(), Strategy.LOCAL, Arrays.asList(devices), List.of(tile), Double.NaN, Double.NaN, true);
  }
}
