package dev.tilestream.scheduler.profile;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measured profiles on disk, a file for each graph and device fingerprint, so many at most: the one unused for longest goes. A file that
 * is damaged, of another version or of another device is as good as none and is written anew. Failing to read or write costs a
 * measurement, nothing else. Several processes may share the directory.
 */
public final class ProfileStore {
  private static final Logger LOG = LoggerFactory.getLogger(ProfileStore.class);
  private static final String SUFFIX = ".profile";
  /** The largest profile, its fingerprint included. */
  private static final long LARGEST = 64L << 20;

  private final Path directory;
  private final DeviceFingerprint fingerprint;
  private final int most;

  /** @param most files that are kept */
  public ProfileStore(Path directory, DeviceFingerprint fingerprint, int most) {
    if (most < 1) throw new IllegalArgumentException("profiles on disk: %d (expected: at least 1)".formatted(most));
    this.directory = directory;
    this.fingerprint = fingerprint;
    this.most = most;
  }

  private Path file(String graphHash) {
    return directory.resolve(DeviceFingerprint.sha256(graphHash + "\n" + fingerprint.text()).substring(0, 40) + SUFFIX);
  }

  /** What was measured of a graph with {@code stages} stages on a device of this fingerprint, whatever its name was. */
  public Optional<DeviceProfile> find(String graphHash, int stages) {
    Path file = file(graphHash);
    try {
      if (Files.size(file) > LARGEST) throw new IllegalArgumentException("%d bytes (expected: a profile)".formatted(Files.size(file)));
      DeviceProfile profile = decode(Files.readAllBytes(file), graphHash);
      if (profile.stages().size() != stages)
        throw new IllegalArgumentException("%d stages (expected: %d)".formatted(profile.stages().size(), stages));
      Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
      return Optional.of(profile);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      LOG.warn("profile {}: not used: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private DeviceProfile decode(byte[] bytes, String graphHash) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int length = in.readInt();
      if (length < 0 || length > in.available()) throw new IllegalArgumentException("no fingerprint (expected: one, then a profile)");
      String made = new String(in.readNBytes(length), StandardCharsets.UTF_8);
      if (!made.equals(fingerprint.text())) throw new IllegalArgumentException("of another device (expected: of this one)");
      DeviceProfile profile = ProfileCodec.decode(in.readAllBytes());
      if (!profile.graphHash().equals(graphHash))
        throw new IllegalArgumentException("of graph %s (expected: %s)".formatted(profile.graphHash(), graphHash));
      return profile;
    }
  }

  /** Keeps it; a file of before is replaced in one step. */
  public void put(DeviceProfile profile) {
    Path file = file(profile.graphHash());
    try {
      Files.createDirectories(directory);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        byte[] text = fingerprint.text().getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length);
        out.write(text);
        out.write(ProfileCodec.encode(profile));
      }
      Path fresh = Files.createTempFile(directory, "new-", ".part");
      try {
        Files.write(fresh, bytes.toByteArray());
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
      evict();
    } catch (IOException e) {
      LOG.warn("profile {}: not kept: {}", file, e.toString());
    }
  }

  private void evict() throws IOException {
    record Aged(Path file, FileTime used) {}
    List<Aged> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.getFileName().toString().endsWith(SUFFIX)).toList()) {
        try {
          all.add(new Aged(file, Files.getLastModifiedTime(file)));
        } catch (NoSuchFileException gone) {
          LOG.debug("profile {}: another process was first", file);
        }
      }
    }
    all.sort(Comparator.comparing(Aged::used));
    for (int i = 0; i < all.size() - most; i++) Files.deleteIfExists(all.get(i).file);
  }
}
