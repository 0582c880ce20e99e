package dev.tilestream.cli.camera;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** JPEGs one behind the other (Motion JPEG): cut by their own markers, so that a thumbnail inside one does not end it. ITU-T T.81, annex B. */
final class JpegFrames implements FrameSource {
  private static final int LARGEST = 64 << 20;
  private static final int MARKER = 0xff;
  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int RESTART_FIRST = 0xd0;
  private static final int RESTART_LAST = 0xd7;

  private final InputStream in;
  private ByteArrayOutputStream frame = new ByteArrayOutputStream();

  JpegFrames(InputStream in) {
    this.in = in;
  }

  @Override
  public Optional<byte[]> next() throws IOException {
    frame = new ByteArrayOutputStream(1 << 16);
    int first = in.read();
    if (first < 0) return Optional.empty();
    frame.write(first);
    if (first != MARKER || byteOf() != START) throw new IOException("not a JPEG (expected: JPEGs one behind the other)");
    int marker = marker();
    while (marker != END) {
      segment();
      marker = marker == SCAN ? scan() : marker();
    }
    return Optional.of(frame.toByteArray());
  }

  private int byteOf() throws IOException {
    int value = in.read();
    if (value < 0) throw new EOFException("a JPEG that ends after %d bytes".formatted(frame.size()));
    if (frame.size() == LARGEST) throw new IOException("a JPEG of more than %d bytes".formatted(LARGEST));
    frame.write(value);
    return value;
  }

  private int marker() throws IOException {
    if (byteOf() != MARKER) throw new IOException("a JPEG without a marker at byte %d".formatted(frame.size() - 1));
    int marker = byteOf();
    while (marker == MARKER) marker = byteOf();
    return marker;
  }

  private void segment() throws IOException {
    int length = byteOf() << 8 | byteOf();
    for (int i = 2; i < length; i++) byteOf();
  }

  /** Entropy-coded data, up to the marker behind it. */
  private int scan() throws IOException {
    while (true) {
      while (byteOf() != MARKER) continue;
      int next = byteOf();
      while (next == MARKER) next = byteOf();
      if (next != 0 && (next < RESTART_FIRST || next > RESTART_LAST)) return next;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
