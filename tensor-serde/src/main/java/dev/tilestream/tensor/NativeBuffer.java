package dev.tilestream.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A block of off-heap memory, 64-byte aligned, counted by references: it starts with one, {@link #retain} adds one, {@link #release}
 * takes one, and the last release gives it back to where it came from. Whoever holds a reference may read; only the one who acquired it
 * writes, before sharing it.
 */
public final class NativeBuffer {
  private final ByteBuffer bytes;
  private final Runnable whenFree;
  private final AtomicInteger references = new AtomicInteger(1);

  NativeBuffer(ByteBuffer bytes, Runnable whenFree) {
    this.bytes = bytes;
    this.whenFree = whenFree;
  }

  /** Memory that somebody else owns (a memory map, a caller's buffer): released to {@code whenFree}. Direct, native order. */
  public static NativeBuffer wrap(ByteBuffer direct, Runnable whenFree) {
    if (!direct.isDirect()) throw new IllegalArgumentException("buffer: on heap (expected: direct)");
    return new NativeBuffer(direct.slice().order(ByteOrder.nativeOrder()), whenFree);
  }

  /** A view of the whole block in native byte order, position 0; its own position and limit. Valid while a reference is held. */
  public ByteBuffer bytes() {
    if (references.get() <= 0) throw new IllegalStateException("native buffer: used after its last release");
    return bytes.duplicate().order(ByteOrder.nativeOrder());
  }

  public int capacity() {
    return bytes.capacity();
  }

  /** How many references are held now; for tests and diagnostics. */
  public int references() {
    return references.get();
  }

  public NativeBuffer retain() {
    int before;
    do {
      before = references.get();
      if (before <= 0) throw new IllegalStateException("native buffer: retained after its last release");
    } while (!references.compareAndSet(before, before + 1));
    return this;
  }

  public void release() {
    int now = references.decrementAndGet();
    if (now < 0) throw new IllegalStateException("native buffer: released more often than retained");
    if (now == 0) whenFree.run();
  }
}
