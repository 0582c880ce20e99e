package dev.tilestream.api;

import akka.util.ByteString;
import java.util.Arrays;

/**
 * Puts a body together of the pieces it comes in. Small ones are copied: as they are, each byte of a body that comes byte by byte would be an
 * object of some fifty. Large ones are kept as they are.
 */
final class Pieces {
  private static final int LARGE = 2 << 10;
  private static final int SMALLEST_BLOCK = 256;
  private static final int LARGEST_BLOCK = 16 << 10;

  private ByteString done = ByteString.emptyByteString();
  private byte[] block = new byte[0];
  private int filled;

  int size() {
    return done.size() + filled;
  }

  void add(ByteString piece) {
    if (piece.size() >= LARGE) {
      flush();
      done = done.concat(piece);
      return;
    }
    if (filled + piece.size() > LARGEST_BLOCK) flush();
    int needed = filled + piece.size();
    if (needed > block.length) block = Arrays.copyOf(block, Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, 2 * needed)));
    piece.asByteBuffer().get(block, filled, piece.size());
    filled = needed;
  }

  private void flush() {
    if (filled > 0) done = done.concat(ByteString.fromArray(block, 0, filled));
    filled = 0;
  }

  /** All of them. */
  ByteString whole() {
    flush();
    return done;
  }

  void clear() {
    done = ByteString.emptyByteString();
    block = new byte[0];
    filled = 0;
  }
}
