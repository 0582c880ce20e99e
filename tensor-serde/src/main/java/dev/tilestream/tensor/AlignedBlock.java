package dev.tilestream.tensor;

import java.nio.ByteBuffer;

/**
 * Direct memory that starts on a cache line.
 *
 * @param allocation what the JVM allocated and frees
 * @param bytes the aligned part of it
 */
record AlignedBlock(ByteBuffer allocation, ByteBuffer bytes) {
  private static final int ALIGNMENT = 64;

  static AlignedBlock allocate(int size) {
    ByteBuffer allocation = ByteBuffer.allocateDirect(size + ALIGNMENT);
    return new AlignedBlock(allocation, allocation.alignedSlice(ALIGNMENT).limit(size).slice());
  }

  /** No view of this block may be touched afterwards. */
  void free() {
    DirectMemory.free(allocation);
  }
}
