package dev.tilestream.bench;

import dev.tilestream.cli.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./tilestream bench soak}. */
@Command(
    name = "soak",
    description = "Faults every few seconds under load: whether requests are lost, and memory stays flat.",
    mixinStandardHelpOptions = true)
final class SoakCommand implements Callable<Integer> {
  @Mixin private FaultOptions fleet;

  @Option(names = "--minutes", defaultValue = "10", description = "(default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(names = "--every", defaultValue = "15s", description = "How far apart the lines of the table are (default: ${DEFAULT-VALUE}).")
  private String every;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!(minutes > 0)) throw fleet.wrong("--minutes %s (expected: above 0)".formatted(minutes));
    Duration step = fleet.duration("--every", every);
    fleet.check();
    try (ScratchDirectory scratch = fleet.logs().isPresent() ? null : ScratchDirectory.create("tilestream-bench-")) {
      Path directory = fleet.logs().isPresent() ? Files.createDirectories(fleet.logs().get()) : scratch.path();
      SoakResult result = new SoakBench(fleet, Duration.ofMillis((long) (minutes * 60_000)), step).measure(directory);
      fleet.print(fleet.json() ? result.json() : result.table());
      return result.good() ? 0 : 1;
    }
  }
}
