package dev.tilestream.graph.onnx;

import java.time.Duration;

/**
 * How far a process that imports a model may go; beyond, the model is refused.
 *
 * @param deadline for all of it
 * @param memory bytes of address space beside what the model itself implies
 */
public record Isolation(Duration deadline, long memory) {
  public Isolation {
    if (deadline.isNegative() || deadline.isZero() || memory < 1)
      throw new IllegalArgumentException("import: %s, %d bytes (expected: both above 0)".formatted(deadline, memory));
  }
}
