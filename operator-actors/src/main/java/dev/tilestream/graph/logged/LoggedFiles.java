package dev.tilestream.graph.logged;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The profiles of a directory.
 *
 * @param directory holds {@code <model>@<series>.json}
 */
public record LoggedFiles(Path directory) {
  private static final int MAX_FILES = 10_000;

  /** All profiles, by name. @throws ProfileRefused when the directory can't be listed */
  public List<Path> all() {
    if (!Files.isDirectory(directory)) throw new ProfileRefused(directory + ": no such directory (expected: one of profiles)");
    try (Stream<Path> files = Files.list(directory)) {
      return files.limit(MAX_FILES).filter(f -> f.getFileName().toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new ProfileRefused("%s: can't be listed: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /** Those that a graph can be made of; what is no profile is passed over. */
  public List<LoggedModel> withGeometry() {
    List<LoggedModel> fit = new ArrayList<>();
    for (Path f : all()) {
      try {
        LoggedModel model = LoggedModelReader.read(f);
        if (model.hasGeometry()) fit.add(model);
      } catch (ProfileRefused e) {
        // Whoever asks for that file by name is told why.
        continue;
      }
    }
    return fit;
  }

  /** Reads {@code <name>.json} and refuses one without geometry, naming those that have it. */
  public LoggedModel read(String name) {
    LoggedModel model = LoggedModelReader.read(directory.resolve(name + ".json"));
    if (model.hasGeometry()) return model;
    throw new ProfileRefused("profile %s: carries no geometry, so no graph can be made of it (expected: one of %s)"
        .formatted(model.name(), String.join(", ", withGeometry().stream().map(LoggedModel::name).toList())));
  }
}
