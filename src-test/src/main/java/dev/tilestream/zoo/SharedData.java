package dev.tilestream.zoo;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of test data outside the project, named by the system property {@code tilestream.data}, else {@code ../shared/data}
 * beside the checkout that {@code tilestream.home} names; it may be absent.
 */
public final class SharedData {
  /** Name of the system property. */
  public static final String PROPERTY = "tilestream.data";

  private SharedData() {}

  public static boolean present() {
    return directory() != null && Files.isDirectory(directory());
  }

  private static Path directory() {
    String home = System.getProperty("tilestream.home");
    Path beside = home == null ? null : Path.of(home, "..", "shared", "data").normalize();
    String named = System.getProperty(PROPERTY);
    return named == null ? beside : Path.of(named);
  }

  /** Why tests that need it are skipped when it is absent. */
  public static String absence() {
    return "no test data at %s (expected: a directory, named by the system property %s)".formatted(directory(), PROPERTY);
  }

  /** @throws IllegalStateException when the data is absent */
  public static Path path(String first, String... more) {
    if (!present()) throw new IllegalStateException(absence());
    return directory().resolve(Path.of(first, more));
  }
}
