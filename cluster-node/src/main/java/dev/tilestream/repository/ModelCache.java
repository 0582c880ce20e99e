package dev.tilestream.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Models that came from peers, by content: {@code DIR/<sha-256>.onnx}. A file of that name is whole and verified, because it gets its name
 * by one atomic move at the end; what has come so far is {@code <sha-256>.part}, and a transfer that broke off goes on from there.
 */
public final class ModelCache {
  private final Path directory;
  private final long largest;

  /** @param largest bytes of a model that is still accepted */
  public ModelCache(Path directory, long largest) throws IOException {
    this.directory = Files.createDirectories(directory).toRealPath();
    this.largest = largest;
  }

  public Optional<Path> find(String sha256) {
    Path file = file(sha256);
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  /** Takes a whole model at once. */
  public Path store(InputStream in, String sha256, long length) throws IOException {
    Optional<Path> known = find(sha256);
    if (known.isPresent()) return known.get();
    try (Upload upload = begin(sha256, length)) {
      in.skipNBytes(upload.offset());
      byte[] chunk = new byte[1 << 16];
      for (int n; (n = in.read(chunk)) >= 0; ) upload.append(upload.offset(), ByteBuffer.wrap(chunk, 0, n));
      return upload.finish();
    }
  }

  /**
   * Starts or resumes a transfer; one at a time for one hash.
   *
   * @throws IOException when the model is larger than allowed
   */
  public Upload begin(String sha256, long length) throws IOException {
    Path target = file(sha256);
    if (length < 0 || length > largest)
      throw new IOException("model: %d bytes (expected: 0 to %d)".formatted(length, largest));
    return new Upload(target, directory.resolve(sha256 + ".part"), sha256, length);
  }

  private Path file(String sha256) {
    return directory.resolve(Sha256.check(sha256) + ".onnx");
  }

  /** A model on its way in. Closing keeps what has come. Not thread-safe. */
  public static final class Upload implements AutoCloseable {
    private final Path target;
    private final Path part;
    private final String sha256;
    private final long length;
    private final FileChannel channel;
    private long offset;

    private Upload(Path target, Path part, String sha256, long length) throws IOException {
      this.target = target;
      this.part = part;
      this.sha256 = sha256;
      this.length = length;
      channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.size() > length) channel.truncate(0);
      offset = channel.size();
    }

    /** Where the next bytes belong: how many are here. */
    public long offset() {
      return offset;
    }

    /** Takes all of {@code bytes}. @throws IOException when they are not the next ones or more than announced */
    public void append(long at, ByteBuffer bytes) throws IOException {
      if (at != offset) throw new IOException("model %s: bytes at %d (expected: at %d)".formatted(sha256, at, offset));
      if (bytes.remaining() > length - offset)
        throw new IOException("model %s: %d bytes at %d (expected: %d in all)".formatted(sha256, bytes.remaining(), at, length));
      while (bytes.hasRemaining()) offset += channel.write(bytes, offset);
    }

    /** Verifies, and gives the file its name. @throws IOException when bytes are missing or are other ones; the latter are thrown away */
    public Path finish() throws IOException {
      if (offset != length) throw new IOException("model %s: %d bytes came (expected: %d)".formatted(sha256, offset, length));
      channel.force(true);
      String came = Sha256.ofFile(part);
      if (!came.equals(sha256)) {
        channel.truncate(0);
        offset = 0;
        throw new IOException("model: content has sha-256 %s (expected: %s)".formatted(came, sha256));
      }
      return Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
