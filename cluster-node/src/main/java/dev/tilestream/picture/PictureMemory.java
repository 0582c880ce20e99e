package dev.tilestream.picture;

/** Heap that pictures take while they are decoded, over all that are at one time. */
@FunctionalInterface
public interface PictureMemory {
  /** As much as anybody wants. */
  PictureMemory UNBOUNDED = bytes -> () -> {};

  /** @throws RuntimeException whatever its owner's callers know, when there is none left; nothing is claimed then */
  Claim claim(long bytes);

  /** Gives back what was claimed. */
  @FunctionalInterface
  interface Claim extends AutoCloseable {
    @Override
    void close();
  }
}
