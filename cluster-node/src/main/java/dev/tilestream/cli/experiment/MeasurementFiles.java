package dev.tilestream.cli.experiment;

import dev.tilestream.scheduler.logged.PublishedFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A directory of measurements: {@code profiles/<model>@<series>.json}, {@code bandwidth/*.csv} and {@code published.csv}.
 *
 * @param directory need not be there when files are given by their own path
 */
public record MeasurementFiles(Path directory) {
  private static final String PROFILES = "profiles";
  private static final String TRACES = "bandwidth";

  /** Those that {@code profile} belongs to, if it lies in their {@code profiles/}. */
  public static MeasurementFiles beside(Path profile) {
    return new MeasurementFiles(profile.toAbsolutePath().getParent().resolve("..").normalize());
  }

  /**
   * A profile by path, or by name, however written: {@code vgg19@lopinfer.json} is {@code VGG19_BN@lopinfer.json}.
   *
   * @throws IllegalArgumentException when there is none, or several begin so
   */
  Path profile(String name) throws IOException {
    return find(PROFILES, name, ".json");
  }

  /** A trace, likewise. */
  Path trace(String name) throws IOException {
    return find(TRACES, name, ".csv");
  }

  /** Every profile, by name. */
  List<Path> profiles() throws IOException {
    return list(PROFILES, ".json");
  }

  /** What the authors of the measurements published; nothing when the file is not there. */
  public PublishedFigures published() {
    Path file = directory.resolve("published.csv");
    return Files.isRegularFile(file) ? PublishedFigures.read(file) : PublishedFigures.NONE;
  }

  private Path find(String kind, String name, String ending) throws IOException {
    Path own = Path.of(name);
    if (Files.isRegularFile(own)) return own;
    String wanted = name.toLowerCase(Locale.ROOT).replaceFirst("\\" + ending + "$", "");
    List<Path> all = list(kind, ending);
    List<Path> same = all.stream().filter(file -> name(file).equals(wanted)).toList();
    if (same.size() == 1) return same.get(0);
    int at = wanted.indexOf('@');
    String model = at < 0 ? wanted : wanted.substring(0, at);
    String series = at < 0 ? "" : wanted.substring(at);
    List<Path> begin = at < 0 ? List.of() : all.stream().filter(f -> name(f).startsWith(model) && name(f).endsWith(series)).toList();
    if (begin.size() == 1) return begin.get(0);
    String there = String.join(", ", (begin.isEmpty() ? all : begin).stream().map(file -> file.getFileName().toString()).toList());
    throw new IllegalArgumentException(
        "%s: no such file (expected: a path, or one of %s in %s)".formatted(name, there, directory.resolve(kind)));
  }

  private static String name(Path file) {
    return Experiment.stem(file).toLowerCase(Locale.ROOT);
  }

  private List<Path> list(String kind, String ending) throws IOException {
    Path where = directory.resolve(kind);
    if (!Files.isDirectory(where)) return List.of();
    try (Stream<Path> files = Files.list(where)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }
}
