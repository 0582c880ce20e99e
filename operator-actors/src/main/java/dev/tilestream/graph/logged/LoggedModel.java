package dev.tilestream.graph.logged;

import java.util.List;

/**
 * A log of one model's forward pass on a robot and on a server.
 *
 * @param name of the file, without its ending
 * @param hash SHA-256 of the file, in hex
 * @param robotForwardMillis the whole pass on the robot, that its operators add up to
 * @param serverForwardMillis the same on the server; NaN where that was not logged
 * @param inputBytes that crossed the air, a message's header included
 * @param outputBytes likewise
 */
public record LoggedModel(
    String name,
    String hash,
    String model,
    String source,
    double robotForwardMillis,
    double serverForwardMillis,
    long inputBytes,
    long outputBytes,
    List<LoggedOperator> operators) {
  public LoggedModel {
    operators = List.copyOf(operators);
  }

  /** Whether it says which operators are local and what their windows are, so that a graph can be made of it. */
  public boolean hasGeometry() {
    return operators.stream().allMatch(o -> o.kind() != null && o.reads() != null);
  }
}
