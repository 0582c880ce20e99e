package dev.tilestream.scheduler.power;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The small text files of {@code /sys}, any of which may be missing, unreadable or nonsense. */
final class SensorFiles {
  private static final Logger LOG = LoggerFactory.getLogger(SensorFiles.class);
  /** Longer ones are no sensor's. */
  private static final int LONGEST = 256;

  private SensorFiles() {}

  /** Sorted; none when there is no such directory. */
  static List<Path> list(Path directory, String glob) {
    if (!Files.isDirectory(directory)) return List.of();
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
      stream.forEach(found::add);
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("sensors: {}: {}", directory, e.toString());
    }
    Collections.sort(found);
    return found;
  }

  static Optional<String> text(Path file) {
    if (!Files.isRegularFile(file)) return Optional.empty();
    try (var in = Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1).strip());
    } catch (IOException e) {
      LOG.debug("sensors: {}: {}", file, e.toString());
      return Optional.empty();
    }
  }

  static OptionalDouble number(Path file) {
    Optional<String> text = text(file);
    if (text.isEmpty()) return OptionalDouble.empty();
    try {
      return OptionalDouble.of(Long.parseLong(text.get()));
    } catch (NumberFormatException e) {
      LOG.debug("sensors: {}: {} (expected: a number)", file, text.get());
      return OptionalDouble.empty();
    }
  }
}
