package dev.tilestream.zoo;

import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of test data outside the project, named by the system property {@code tilestream.data}; it may be absent. */
public final class SharedData {
  /** Name of the system property. */
  public static final String PROPERTY = "tilestream.data";

  private SharedData() {}

  public static boolean present() {
    String directory = System.getProperty(PROPERTY);
    return directory != null && Files.isDirectory(Path.of(directory));
  }

  /** Why tests that need it are skipped when it is absent. */
  public static String absence() {
    return "no test data: system property %s is %s (expected: a directory)".formatted(PROPERTY, System.getProperty(PROPERTY));
  }

  /** @throws IllegalStateException when the data is absent */
  public static Path path(String first, String... more) {
    if (!present()) throw new IllegalStateException(absence());
    return Path.of(System.getProperty(PROPERTY)).resolve(Path.of(first, more));
  }
}
