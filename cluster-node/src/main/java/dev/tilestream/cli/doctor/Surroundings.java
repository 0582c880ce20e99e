package dev.tilestream.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.List;

/** Java, directories and the clock. */
final class Surroundings {
  private static final int JAVA = 17;
  private static final long LEAST_DISK = 2L << 30;
  /** What time services leave behind while they run. */
  private static final List<String> KEPT = List.of("run/systemd/timesync/synchronized", "run/chrony/chronyd.pid", "run/ntpd.pid");

  private Surroundings() {}

  static Finding java(int feature, String version) {
    if (feature < JAVA) return Finding.bad("Java", version, "install a JDK %d or newer; JAVA_HOME names the one that is used".formatted(JAVA));
    return Finding.good("Java", version);
  }

  static Finding writable(String topic, Path directory) {
    Path there = directory.toAbsolutePath();
    while (there != null && !Files.exists(there)) there = there.getParent();
    try {
      if (there == null || !Files.isWritable(there))
        return Finding.bad(topic, directory + " cannot be written", "give it to the user of the node, or name another one in --config");
      long free = Files.getFileStore(there).getUsableSpace();
      String what = "%s, %d MB free".formatted(directory, free >> 20);
      return free < LEAST_DISK
          ? Finding.doubtful(topic, what, "imported models are kept there, as large as they are: make room, or lower kept-import-bytes")
          : Finding.good(topic, what);
    } catch (IOException e) {
      return Finding.doubtful(topic, "%s: %s".formatted(directory, e.getMessage()), "it cannot be told how much is free");
    }
  }

  static Finding repository(Path directory) {
    if (!Files.isDirectory(directory))
      return Finding.doubtful(
          "models", directory + " is not there", "a node without models takes them from other members; else DIR/<model>/<version>/model.onnx");
    try (var entries = Files.list(directory)) {
      long models = entries.filter(Files::isDirectory).count();
      return Finding.good("models", "%d in %s".formatted(models, directory));
    } catch (IOException e) {
      return Finding.bad("models", "%s cannot be read: %s".formatted(directory, e.getMessage()), "let the user of the node read it");
    }
  }

  /** Members need no common time; certificates need about the right one. */
  static Finding clock(Machine machine, Instant now, int builtIn) {
    int year = Year.from(now.atOffset(ZoneOffset.UTC)).getValue();
    if (year < builtIn)
      return Finding.bad(
          "clock", "it says " + now,
          "certificates are not valid yet by it: set the time (timedatectl set-ntp true; a Jetson without a battery forgets it)");
    boolean known = KEPT.stream().anyMatch(machine::exists);
    return known
        ? Finding.good("clock", "kept by a time server")
        : Finding.good("clock", now + ", kept by nobody here; members need no common time, certificates about the right one");
  }
}
