package dev.tilestream.postprocess;

import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The largest of an output's numbers, as classes. */
public final class Ranking {
  private Ranking() {}

  /**
   * Of each row: where there are several dimensions, the first is of rows.
   *
   * @param most of each row
   * @param labels by class; may be fewer
   */
  public static List<List<Findings.Ranked>> rows(TensorSlice tensor, int most, List<String> labels) {
    Output output = Output.of("", tensor);
    int rows = tensor.shape().rank() < 2 ? 1 : tensor.shape().dim(0);
    int columns = rows == 0 ? 0 : output.elements() / rows;
    List<List<Findings.Ranked>> ranked = new ArrayList<>();
    for (int row = 0; row < rows; row++) ranked.add(largest(output, row * columns, columns, most, 0, 0, labels));
    return ranked;
  }

  /** All numbers as scores of one thing. */
  static List<Findings.Ranked> of(Output output, int most, boolean softmax, List<String> labels) {
    int n = output.elements();
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) largest = Math.max(largest, output.at(i));
    double sum = 0;
    for (int i = 0; softmax && i < n; i++) sum += Math.exp(output.at(i) - largest);
    return largest(output, 0, n, most, softmax ? largest : 0, softmax ? sum : 0, labels);
  }

  /** @param sum of exponentials, relative to {@code offset}; 0: the numbers are scores */
  private static List<Findings.Ranked> largest(
      Output output, int from, int count, int most, double offset, double sum, List<String> labels) {
    Comparator<Integer> better = Comparator.comparingDouble((Integer i) -> -number(output.at(from + i))).thenComparing(i -> i);
    PriorityQueue<Integer> kept = new PriorityQueue<>(better.reversed());
    for (int i = 0; i < count; i++) {
      kept.add(i);
      if (kept.size() > most) kept.poll();
    }
    return kept.stream().sorted(better).map(i -> {
      double value = output.at(from + i);
      return new Findings.Ranked(i, i < labels.size() ? labels.get(i) : "", sum > 0 ? Math.exp(value - offset) / sum : value);
    }).toList();
  }

  private static double number(double value) {
    return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
  }
}
