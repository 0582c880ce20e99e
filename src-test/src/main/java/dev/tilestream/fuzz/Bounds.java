package dev.tilestream.fuzz;

import java.time.Duration;

/**
 * What reading one input may take.
 *
 * @param deadline after which it hangs
 * @param heapBytes that it may allocate whatever the input, garbage included
 * @param heapPerByte that it may allocate more for each byte of the input
 * @param residentBytes by which the process may have grown at the highest point since its start, heap aside
 */
public record Bounds(Duration deadline, long heapBytes, int heapPerByte, long residentBytes) {
  public Bounds {
    if (deadline.isNegative() || deadline.isZero() || heapBytes < 1 || heapPerByte < 0 || residentBytes < 1)
      throw new IllegalArgumentException("bounds: %s, %d bytes and %d a byte, %d resident (expected: all positive)"
          .formatted(deadline, heapBytes, heapPerByte, residentBytes));
  }

  long heap(int input) {
    return heapBytes + (long) heapPerByte * input;
  }
}
