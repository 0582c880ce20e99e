package dev.tilestream.tensor;

/** One request: the 64-bit incarnation of the source node and a number that grows by one per request there, so older is smaller. */
public record InferenceId(long source, long sequence) {
  @Override
  public String toString() {
    return Long.toHexString(source) + "-" + sequence;
  }
}
