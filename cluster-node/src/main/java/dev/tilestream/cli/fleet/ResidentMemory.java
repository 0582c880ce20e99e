package dev.tilestream.cli.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** How much memory a process occupies, from Linux's {@code /proc}. */
public final class ResidentMemory {
  private ResidentMemory() {}

  /** In bytes; empty when the process is gone or the system has no {@code /proc}. */
  public static OptionalLong of(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException | UncheckedIOException gone) {
      return OptionalLong.empty();
    }
  }

  /** Of this process. */
  public static OptionalLong ofThis() {
    return of(ProcessHandle.current().pid());
  }
}
