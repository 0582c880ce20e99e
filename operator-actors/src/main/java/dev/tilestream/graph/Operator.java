package dev.tilestream.graph;

import java.util.List;
import onnx.Onnx;

/**
 * A node of the graph, inputs and outputs as tensor ids (-1: left out).
 *
 * @param id position in {@link OperatorGraph#operators}, which is a topological order
 * @param node the ONNX node as ONNX Runtime's basic optimisation left it; tensor names are those of {@link OperatorGraph#tensors}
 * @param captured tensors that subgraphs of this node (loop and branch bodies) read from the graph around them
 * @param flops multiply-adds times two of the whole operator, or an estimate in that unit
 */
public record Operator(
    int id,
    Onnx.NodeProto node,
    List<Integer> inputs,
    List<Integer> outputs,
    List<Integer> captured,
    Locality locality,
    long flops) {
  public Operator {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    captured = List.copyOf(captured);
  }

  public String type() {
    return node.getOpType();
  }

  /** Empty for ONNX's own operators. */
  public String domain() {
    return node.getDomain();
  }

  public String name() {
    return node.getName();
  }

  public boolean local() {
    return locality instanceof Locality.Local;
  }

  /** Map from output rows to rows of input {@code i}; only for local operators. */
  public RowMap rowMap(int i) {
    return ((Locality.Local) locality).inputs().get(i);
  }
}
