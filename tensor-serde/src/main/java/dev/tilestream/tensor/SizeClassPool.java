package dev.tilestream.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps freed blocks by size class: one class up to 4 KiB, above it four per power of two, so that at most a fifth of a block is unused.
 * Both counters count whole blocks, because that is the memory taken from the machine. When a release would pass the idle bound, blocks
 * of the class that was asked for least recently go first: they belong to a network that no longer runs.
 *
 * <p>One lock, held for a few field accesses; memory is allocated and freed outside of it.
 */
final class SizeClassPool implements BufferPool {
  private static final int SMALLEST_EXPONENT = 12;
  /** The largest block: what an int can index, less the bytes that alignment may cost. */
  static final int LARGEST = Integer.MAX_VALUE - 127;

  private final long limit;
  private final long idleLimit;
  private final List<ArrayDeque<AlignedBlock>> kept = new ArrayList<>();
  private final long[] lastAsked;
  private long asked;
  private long inUse;
  private long idle;
  private boolean closed;

  SizeClassPool(long limit, long idleLimit) {
    if (limit < 0 || idleLimit < 0)
      throw new IllegalArgumentException("pool: limit %d, idle %d bytes (expected: neither negative)".formatted(limit, idleLimit));
    this.limit = limit;
    this.idleLimit = idleLimit;
    int classes = classOf(LARGEST) + 1;
    for (int i = 0; i < classes; i++) kept.add(new ArrayDeque<>());
    lastAsked = new long[classes];
  }

  /** Index of the smallest class that holds {@code bytes}. */
  static int classOf(int bytes) {
    if (bytes <= 1 << SMALLEST_EXPONENT) return 0;
    int exponent = 31 - Integer.numberOfLeadingZeros(bytes - 1);
    int quarter = (bytes - 1 >> exponent - 2) & 3;
    return (exponent - SMALLEST_EXPONENT) * 4 + quarter + 1;
  }

  /** Bytes of a block of class {@code index}; a multiple of 64. */
  static int sizeOf(int index) {
    if (index == 0) return 1 << SMALLEST_EXPONENT;
    int exponent = (index - 1) / 4 + SMALLEST_EXPONENT;
    long size = (5L + (index - 1) % 4) << exponent - 2;
    return (int) Math.min(size, LARGEST);
  }

  @Override
  public NativeBuffer acquire(long bytes) {
    if (bytes < 0 || bytes > LARGEST)
      throw new IllegalArgumentException("buffer: %d bytes (expected: 0 to %d)".formatted(bytes, LARGEST));
    int index = classOf((int) bytes);
    AlignedBlock block = reserve(index, bytes);
    if (block == null) block = allocate(index, bytes);
    AlignedBlock held = block;
    return new NativeBuffer(held.bytes(), () -> takeBack(index, held));
  }

  /** Counts a block of this class as used; an idle one if there is one, else null and the caller allocates. */
  private synchronized AlignedBlock reserve(int index, long bytes) {
    if (closed) throw new IllegalStateException("pool: closed (expected: open)");
    int size = sizeOf(index);
    if (size > limit - inUse) throw new Exhausted(bytes, inUse, limit);
    inUse += size;
    lastAsked[index] = ++asked;
    AlignedBlock block = kept.get(index).pollFirst();
    if (block != null) idle -= size;
    return block;
  }

  private AlignedBlock allocate(int index, long bytes) {
    int size = sizeOf(index);
    try {
      return AlignedBlock.allocate(size);
    } catch (OutOfMemoryError noDirectMemory) {
      // The machine's own bound lies below ours: what is idle in other classes may make the room.
      evict(Long.MAX_VALUE).forEach(AlignedBlock::free);
    }
    try {
      return AlignedBlock.allocate(size);
    } catch (OutOfMemoryError noDirectMemory) {
      Exhausted refusal = giveUp(size, bytes);
      refusal.initCause(noDirectMemory);
      throw refusal;
    }
  }

  private synchronized Exhausted giveUp(int size, long bytes) {
    inUse -= size;
    return new Exhausted(bytes, inUse, limit);
  }

  private void takeBack(int index, AlignedBlock block) {
    List<AlignedBlock> surplus;
    synchronized (this) {
      int size = sizeOf(index);
      inUse -= size;
      if (closed || size > idleLimit) {
        surplus = List.of(block);
      } else {
        surplus = idle + size > idleLimit ? evict(idle + size - idleLimit) : List.of();
        kept.get(index).addFirst(block);
        idle += size;
      }
    }
    surplus.forEach(AlignedBlock::free);
  }

  /** Takes at least {@code bytes} of idle blocks out (or all there are), from the class asked for least recently. Caller frees them. */
  private synchronized List<AlignedBlock> evict(long bytes) {
    List<AlignedBlock> out = new ArrayList<>();
    long freed = 0;
    while (freed < bytes && idle > 0) {
      int coldest = coldest();
      out.add(kept.get(coldest).pollLast());
      freed += sizeOf(coldest);
      idle -= sizeOf(coldest);
    }
    return out;
  }

  private int coldest() {
    int coldest = -1;
    for (int i = 0; i < lastAsked.length; i++)
      if (!kept.get(i).isEmpty() && (coldest < 0 || lastAsked[i] < lastAsked[coldest])) coldest = i;
    return coldest;
  }

  @Override
  public synchronized long inUse() {
    return inUse;
  }

  @Override
  public synchronized long idle() {
    return idle;
  }

  @Override
  public void close() {
    List<AlignedBlock> all;
    synchronized (this) {
      closed = true;
      all = evict(Long.MAX_VALUE);
    }
    all.forEach(AlignedBlock::free);
  }

  @Override
  public String toString() {
    return "pool of %d bytes, %d in use, %d idle".formatted(limit, inUse(), idle());
  }
}
