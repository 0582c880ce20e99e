package dev.tilestream.graph.logged;

/**
 * Geometry of an operator along the split axis.
 *
 * @param rowOffset first input row that a strided slice takes
 * @param upsample output rows made of one input row; 1 for all but enlarging operators
 * @param transposed whether kernel, stride and padding are those of a transposed convolution
 * @param taps weights of one output element of one input channel: the product of the kernel over all axes
 */
public record LoggedWindow(
    int kernel, int stride, int padding, int dilation, int rowOffset, int upsample, boolean transposed, int groups, long taps) {
  /** Row r needs row r. */
  static final LoggedWindow SAME = new LoggedWindow(1, 1, 0, 1, 0, 1, false, 1, 1);

  public LoggedWindow {
    if (kernel < 1 || stride < 1 || padding < 0 || dilation < 1 || rowOffset < 0 || upsample < 1 || groups < 1 || taps < 1)
      throw new IllegalArgumentException(
          "window: kernel %d, stride %d, padding %d, dilation %d, row offset %d, upsample %d, groups %d, taps %d (expected: in range)"
              .formatted(kernel, stride, padding, dilation, rowOffset, upsample, groups, taps));
  }

  /** Whether it leaves rows where they are. */
  boolean same() {
    return kernel == 1 && stride == 1 && padding == 0 && rowOffset == 0 && upsample == 1 && !transposed;
  }
}
