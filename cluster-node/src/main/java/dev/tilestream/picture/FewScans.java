package dev.tilestream.picture;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A JPEG whose scans are counted as they come. A progressive picture is gone over once for each, however few bytes it has: millions fit
 * into a file.
 */
final class FewScans extends FilterInputStream {
  /** Progressive pictures have about ten; a thumbnail inside has its own. */
  static final int MOST = 64;
  private static final int MARKER = 0xff;
  private static final int START_OF_SCAN = 0xda;

  private int before;
  private int scans;

  FewScans(InputStream jpeg) {
    super(jpeg);
  }

  @Override
  public int read() throws IOException {
    int b = in.read();
    if (b >= 0) look(b);
    return b;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    int n = in.read(to, offset, length);
    for (int i = 0; i < n; i++) look(to[offset + i] & 0xff);
    return n;
  }

  private void look(int b) throws IOException {
    // Coded data has no such pair of bytes: there, a zero follows each 0xff.
    if (before == MARKER && b == START_OF_SCAN && ++scans > MOST)
      throw new IOException("more than %d scans (expected: at most %d)".formatted(MOST, MOST));
    before = b;
  }

  @Override
  public long skip(long n) throws IOException {
    return readNBytes((int) Math.min(n, 1 << 16)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
