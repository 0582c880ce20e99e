package dev.tilestream.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What Linux tells of a machine in files.
 *
 * @param root where its file system begins; not {@code /} in tests
 */
public record Machine(Path root) {
  /** This one. */
  public static final Machine THIS = new Machine(Path.of("/"));

  /** Empty where there is no such file, or it may not be read. */
  Optional<String> text(String file) {
    try {
      // Files of the kernel say that they are empty; reading tells.
      return Optional.of(new String(Files.readAllBytes(root.resolve(file)), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  List<String> lines(String file) {
    return text(file).map(text -> text.lines().toList()).orElse(List.of());
  }

  boolean exists(String file) {
    return Files.exists(root.resolve(file));
  }

  List<String> list(String directory) {
    try (Stream<Path> entries = Files.list(root.resolve(directory))) {
      return entries.map(e -> e.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** A file that holds one whole number. */
  OptionalLong number(String file) {
    Optional<String> text = text(file).map(String::strip).filter(t -> t.matches("-?\\d{1,18}"));
    return text.isPresent() ? OptionalLong.of(Long.parseLong(text.get())) : OptionalLong.empty();
  }
}
