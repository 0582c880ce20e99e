package dev.tilestream.graph;

import java.util.List;

/**
 * Operators that always run back to back as one unit: a convolution with the bias, activation and addition behind it, or neighbouring
 * global operators.
 *
 * @param id position in {@link OperatorGraph#stages}, a topological order
 * @param operators ids, in topological order
 * @param inputs tensors read that other stages or the caller make; no constants
 * @param outputs tensors made here that other stages or the caller read
 * @param local whether every operator is
 */
public record Stage(int id, List<Integer> operators, List<Integer> inputs, List<Integer> outputs, boolean local, long flops) {
  public Stage {
    operators = List.copyOf(operators);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
