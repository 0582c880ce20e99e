package dev.tilestream.tensor.wire;

/**
 * What a reader accepts at most, whatever the message claims.
 *
 * @param payloadBytes of one parcel
 * @param tensorBytes of the whole tensor that a parcel is a part of
 * @param rank number of dimensions, at most 255
 * @param rows extent of the tensor along its split axis
 */
public record WireLimits(int payloadBytes, long tensorBytes, int rank, int rows) {
  public WireLimits {
    if (payloadBytes < 1 || tensorBytes < 1 || rows < 1)
      throw new IllegalArgumentException(
          "wire limits: payload %d bytes, tensor %d bytes, %d rows (expected: all positive)".formatted(payloadBytes, tensorBytes, rows));
    if (rank < 0 || rank > 255) throw new IllegalArgumentException("wire limits: rank %d (expected: 0 to 255)".formatted(rank));
  }
}
