package dev.tilestream.graph.logged;

import dev.tilestream.graph.Weights;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A log names no weights. */
record NoWeights(String graph) implements Weights {
  @Override
  public ByteBuffer bytes(int constantTensor) {
    throw new IllegalArgumentException("graph %s: constant %d (expected: none, it is made of a log)".formatted(graph, constantTensor));
  }

  @Override
  public Path directory() {
    throw new UnsupportedOperationException("graph " + graph + " is made of a log and has no files");
  }

  @Override
  public boolean known() {
    return false;
  }

  @Override
  public void close() {}
}
