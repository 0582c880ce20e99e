package dev.tilestream.graph;

import java.util.List;

/** Whether an operator can make a span of its output rows from a span of its input rows. */
public sealed interface Locality {
  /** It can: one map per operator input, in order, absent and constant inputs included ({@link RowMap.None} where nothing is to be cut). */
  record Local(List<RowMap> inputs) implements Locality {
    public Local {
      inputs = List.copyOf(inputs);
    }
  }

  /** It needs all of every input and makes all of every output. */
  record Global(String why) implements Locality {}
}
