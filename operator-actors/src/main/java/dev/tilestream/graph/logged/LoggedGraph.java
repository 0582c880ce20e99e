package dev.tilestream.graph.logged;

import dev.tilestream.graph.OperatorGraph;

/**
 * A graph made of a log, with the time of each of its operators. Times of logged operators that are none of the graph's (views, shape
 * queries, results that nobody reads) count with a neighbour, so that the sums are those of the log.
 *
 * @param robotMillis by operator id
 * @param serverMillis by operator id; NaN where that was not logged
 */
public record LoggedGraph(LoggedModel log, OperatorGraph graph, double[] robotMillis, double[] serverMillis) {
  public LoggedGraph {
    robotMillis = robotMillis.clone();
    serverMillis = serverMillis.clone();
    if (robotMillis.length != graph.operators().size() || serverMillis.length != graph.operators().size())
      throw new IllegalArgumentException(
          "logged graph: %d and %d times (expected: %d)".formatted(robotMillis.length, serverMillis.length, graph.operators().size()));
  }

  /** A copy. */
  @Override
  public double[] robotMillis() {
    return robotMillis.clone();
  }

  /** A copy. */
  @Override
  public double[] serverMillis() {
    return serverMillis.clone();
  }

  /** Whether the server's times were logged. */
  public boolean hasServerTimes() {
    for (double t : serverMillis) if (Double.isNaN(t)) return false;
    return true;
  }

  /** Milliseconds of one operator. */
  public double robotMillis(int operator) {
    return robotMillis[operator];
  }

  /** Milliseconds of one operator; NaN where that was not logged. */
  public double serverMillis(int operator) {
    return serverMillis[operator];
  }

  /**
   * Rows of input beyond its own part that the middle row of the last local tensor depends on, above it, had the input no border: what a
   * band of that tensor needs of its neighbour.
   */
  public int deepestHalo() {
    return DeepestHalo.of(graph);
  }
}

