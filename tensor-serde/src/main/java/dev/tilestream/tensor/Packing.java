package dev.tilestream.tensor;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Rows in fewer bytes, without loss: the bytes of all elements that weigh alike are put side by side, since signs, exponents and zeros
 * resemble each other, and compressed by zstd. What a rectifier leaves takes about half its bytes, other activations nine tenths. Packs
 * for one thread; unpacking is anybody's. Holds native memory until it is closed.
 */
public final class Packing implements AutoCloseable {
  private static final int LEVEL = 1;
  /** What is not smaller by one part of so many travels as it is. */
  private static final int LEAST_GAIN = 32;

  /** The longest head of a zstd frame. */
  private static final int FRAME_HEAD = 18;

  private final ZstdCompressCtx zstd = new ZstdCompressCtx();

  public Packing() {
    zstd.setLevel(LEVEL);
  }

  /**
   * The rows packed, in memory of their own; {@code rows} stays the caller's. Empty when they don't get smaller, or there is no memory.
   */
  public Optional<TensorSlice> pack(TensorSlice rows, BufferPool pool) {
    int size = (int) rows.bytes();
    int most = size - size / LEAST_GAIN - 1;
    if (most < 1) return Optional.empty();
    NativeBuffer side = null;
    NativeBuffer packed = null;
    try {
      side = pool.acquire(size);
      packed = pool.acquire(Zstd.compressBound(size));
      spread(rows, side.bytes());
      int bytes = zstd.compressDirectByteBuffer(packed.bytes(), 0, packed.capacity(), side.bytes(), 0, size);
      if (bytes > most) return Optional.empty();
      TensorSlice slice = TensorSlice.packed(rows, packed, bytes);
      packed = null;
      return Optional.of(slice);
    } catch (BufferPool.Exhausted busy) {
      return Optional.empty();
    } finally {
      if (side != null) side.release();
      if (packed != null) packed.release();
    }
  }

  /** Byte {@code b} of element {@code i} of {@code n} goes to {@code b * n + i}. */
  private static void spread(TensorSlice rows, ByteBuffer to) {
    ByteBuffer from = rows.buffer().bytes();
    int width = rows.type().bytes();
    int elements = (int) rows.bytes() / width;
    int run = rows.runBytes();
    for (int r = 0, at = 0; r < rows.runs(); r++, at += run / width) {
      int offset = rows.runOffset(r);
      switch (width) {
        case 1 -> to.put(at, from, offset, run);
        case 4 -> spread4(from, offset, run / 4, to, at, elements);
        default -> {
          for (int i = 0; i < run; i++) to.put(i % width * elements + at + i / width, from.get(offset + i));
        }
      }
    }
  }

  private static void spread4(ByteBuffer from, int offset, int count, ByteBuffer to, int at, int elements) {
    for (int i = 0; i < count; i++) {
      int v = from.getInt(offset + 4 * i);
      to.put(at + i, (byte) v);
      to.put(elements + at + i, (byte) (v >> 8));
      to.put(2 * elements + at + i, (byte) (v >> 16));
      to.put(3 * elements + at + i, (byte) (v >> 24));
    }
  }

  /** Whether what fills {@code packed} says of itself that it becomes {@code bytes}; looks at nothing else, and takes no memory. */
  public static boolean claims(ByteBuffer packed, int bytes) {
    byte[] head = new byte[Math.min(FRAME_HEAD, packed.remaining())];
    packed.get(packed.position(), head);
    return Zstd.getFrameContentSize(head) == bytes;
  }

  /**
   * Unpacks what fills {@code packed} from its position to its limit into the first {@code bytes} of {@code into}. Never writes more,
   * whatever it claims to be.
   *
   * @throws IllegalArgumentException when these do not become exactly {@code bytes}; {@code into} holds anything then
   * @throws BufferPool.Exhausted when there is no room to unpack in
   */
  public static void unpack(ByteBuffer packed, DataType type, int bytes, NativeBuffer into, BufferPool pool) {
    int size = packed.remaining();
    NativeBuffer direct = packed.isDirect() ? null : pool.acquire(size);
    NativeBuffer side = null;
    try {
      ByteBuffer source = packed;
      if (direct != null) source = direct.bytes().put(0, packed, packed.position(), size).limit(size);
      side = pool.acquire(bytes);
      long made = Zstd.decompressDirectByteBuffer(side.bytes(), 0, bytes, source, source.position(), size);
      if (made != bytes) throw new IllegalArgumentException("packed: becomes %d bytes (expected: %d)".formatted(made, bytes));
      gather(side.bytes(), type.bytes(), bytes, into.bytes());
    } catch (ZstdException e) {
      throw new IllegalArgumentException("packed: %s (expected: what becomes %d bytes)".formatted(e.getMessage(), bytes), e);
    } finally {
      if (direct != null) direct.release();
      if (side != null) side.release();
    }
  }

  private static void gather(ByteBuffer from, int width, int bytes, ByteBuffer to) {
    int elements = bytes / width;
    switch (width) {
      case 1 -> to.put(0, from, 0, bytes);
      case 4 -> {
        for (int i = 0; i < elements; i++)
          to.putInt(4 * i, from.get(i) & 255 | (from.get(elements + i) & 255) << 8 | (from.get(2 * elements + i) & 255) << 16
              | from.get(3 * elements + i) << 24);
      }
      default -> {
        for (int i = 0; i < bytes; i++) to.put(i, from.get(i % width * elements + i / width));
      }
    }
  }

  @Override
  public void close() {
    zstd.close();
  }
}
