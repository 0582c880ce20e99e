package dev.tilestream.graph.logged;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Finds profiles in a directory by the names that people write: {@code vgg19@lopinfer} is {@code VGG19_BN@lopinfer.json}.
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
        continue;
      }
    }
    return fit;
  }

  /**
   * @param name a file, or the name of a profile here: in any case, with or without {@code .json}, the model shortened
   * @throws ProfileRefused when there is none, or several; it names those that there are
   */
  public Path find(String name) {
    Path file = Path.of(name);
    if (Files.isRegularFile(file)) return file;
    String wanted = plain(name);
    List<Path> all = all();
    List<Path> exact = all.stream().filter(f -> plain(f.getFileName().toString()).equals(wanted)).toList();
    List<Path> fit = exact.isEmpty() ? all.stream().filter(f -> fits(plain(f.getFileName().toString()), wanted)).toList() : exact;
    if (fit.size() == 1) return fit.get(0);
    List<String> names = (fit.isEmpty() ? all : fit).stream().map(f -> f.getFileName().toString()).toList();
    throw new ProfileRefused("profile %s: %s (expected: a file, or one of %s in %s)"
        .formatted(name, fit.isEmpty() ? "no such file" : "may be any of several", String.join(", ", names), directory));
  }

  /** Reads it and refuses one without geometry, naming those that have it. */
  public LoggedModel read(String name) {
    LoggedModel model = LoggedModelReader.read(find(name));
    if (model.hasGeometry()) return model;
    throw new ProfileRefused("profile %s: carries no geometry, so no graph can be made of it (expected: one of %s)"
        .formatted(model.name(), String.join(", ", withGeometry().stream().map(LoggedModel::name).toList())));
  }

  private static String plain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".json") ? lower.substring(0, lower.length() - 5) : lower;
  }

  private static boolean fits(String file, String wanted) {
    int at = file.lastIndexOf('@');
    int wantedAt = wanted.lastIndexOf('@');
    if (at < 0 || wantedAt < 0) return wantedAt < 0 && file.startsWith(wanted);
    return file.substring(at).equals(wanted.substring(wantedAt)) && file.substring(0, at).startsWith(wanted.substring(0, wantedAt));
  }
}
