package dev.tilestream.picture;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A PNG without the chunks that say nothing of its pixels. Java's reader looks at texts and colour profiles as soon as there is a palette, and
 * inflates them whole: a thousand times their size.
 */
final class NeededChunks extends FilterInputStream {
  private static final int SIGNATURE = 8;
  /** Length and type before a chunk's data; its checksum is behind. */
  private static final int HEAD = 8;
  private static final int CHECKSUM = 4;
  /** The longest that each may be; pixels may come in pieces of any length. */
  private static final Map<String, Integer> NEEDED =
      Map.of("IHDR", 13, "PLTE", 3 * 256, "tRNS", 256, "IDAT", Integer.MAX_VALUE, "IEND", Integer.MAX_VALUE);

  private final byte[] one = new byte[1];
  private ByteBuffer head = ByteBuffer.allocate(0);
  /** Of data and checksum that are passed on behind the head. */
  private long left = SIGNATURE;

  /** @param png from its signature on */
  NeededChunks(InputStream png) {
    super(png);
  }

  @Override
  public int read() throws IOException {
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) return 0;
    if (!head.hasRemaining() && left == 0 && !nextChunk()) return -1;
    if (head.hasRemaining()) {
      int n = Math.min(length, head.remaining());
      head.get(to, offset, n);
      return n;
    }
    int n = in.read(to, offset, (int) Math.min(length, left));
    if (n > 0) left -= n;
    return n;
  }

  /** Passes over what is not needed. False at the end. */
  private boolean nextChunk() throws IOException {
    while (true) {
      byte[] bytes = in.readNBytes(HEAD);
      if (bytes.length < HEAD) return false;
      int length = ByteBuffer.wrap(bytes).getInt();
      String type = new String(bytes, 4, 4, StandardCharsets.ISO_8859_1);
      if (length < 0) throw new IOException("chunk %s: %d bytes (expected: not negative)".formatted(type.strip(), length));
      Integer longest = NEEDED.get(type);
      long rest = (long) length + CHECKSUM;
      if (longest == null) {
        skip(rest, type);
        continue;
      }
      if (length > longest) throw new IOException("chunk %s: %d bytes (expected: at most %d)".formatted(type, length, longest));
      head = ByteBuffer.wrap(bytes);
      left = rest;
      return true;
    }
  }

  private void skip(long bytes, String type) throws IOException {
    try {
      in.skipNBytes(bytes);
    } catch (EOFException e) {
      throw new EOFException("chunk %s: ends early".formatted(type.strip()));
    }
  }

  @Override
  public long skip(long n) throws IOException {
    return readNBytes((int) Math.min(n, 1 << 16)).length;
  }

  @Override
  public int available() {
    return 0;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
