package dev.tilestream.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The script that starts the program; nodes of a local fleet are started through it too, so that all get the same flags. */
final class Launcher {
  /** System property with the directory that the launcher lies in; set by the launcher. */
  private static final String HOME = "tilestream.home";

  private Launcher() {}

  static Path path() {
    String home = System.getProperty(HOME);
    if (home == null)
      throw new CommandFailed("system property %s: not set (expected: the directory of the launcher; start ./tilestream)".formatted(HOME));
    Path launcher = Path.of(home, "tilestream");
    if (!Files.isExecutable(launcher)) throw new CommandFailed("%s: not there (expected: the launcher)".formatted(launcher));
    return launcher;
  }
}
