package dev.tilestream.tensor;

/**
 * Where native buffers come from. Fresh pages cost more than most kernels, so freed buffers are kept and handed out again by size
 * class. Bounded: acquiring beyond the limit throws {@link Exhausted}, which callers answer with a refusal or a delay. Thread-safe.
 */
public interface BufferPool extends AutoCloseable {
  /** A buffer of at least {@code bytes} (0 is allowed) with one reference, owned by the caller; contents undefined. */
  NativeBuffer acquire(long bytes);

  /** Bytes handed out and not yet released. */
  long inUse();

  /** Bytes kept for re-use. */
  long idle();

  /** Frees what is idle now; buffers still in use are freed when they are released. */
  @Override
  void close();

  /** The limit would be passed; nothing was allocated. */
  final class Exhausted extends RuntimeException {
    public Exhausted(long wanted, long inUse, long limit) {
      super("native memory: %d bytes wanted, %d in use (limit: %d)".formatted(wanted, inUse, limit));
    }

    /** None: where memory ran out says nothing, and a node that is asked for too much throws many. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  /** A pool that refuses to have more than {@code limitBytes} in use and frees idle memory beyond {@code idleBytes}. */
  static BufferPool bounded(long limitBytes, long idleBytes) {
    return new SizeClassPool(limitBytes, idleBytes);
  }
}
