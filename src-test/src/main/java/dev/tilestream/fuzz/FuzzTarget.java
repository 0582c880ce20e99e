package dev.tilestream.fuzz;

import java.util.Optional;

/** A reader of bytes from outside, and hostile input for it. Used by one thread at a time. */
public interface FuzzTarget extends AutoCloseable {
  /** Its name on the command line. */
  String word();

  /** What one case may take. */
  Bounds bounds();

  /** The case of a seed; nothing that was drawn before has a part in it. Drawing is not measured. */
  Trial draw(long seed);

  /** Bytes of native memory that are in use now; after a case there must be as many as before it. */
  default long nativeInUse() {
    return 0;
  }

  /**
   * The same case as the product runs it where it expects the worst: in a process of its own. What takes the process of a campaign with it
   * must end well there. Empty where the product has no such thing.
   */
  default Optional<Trial> isolated(long seed) {
    return Optional.empty();
  }

  @Override
  default void close() {}
}
