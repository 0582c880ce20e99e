package dev.tilestream.bench;

import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

  @Option(
      names = "--faults", split = ",", defaultValue = "kill,blackhole,outage,partition,pause",
      description = "Kinds that happen (default: ${DEFAULT-VALUE}). Without kill, every process lives through it and its memory is judged.")
  private List<String> faults;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<FaultKind> kinds = kinds();
    if (!(minutes > 0)) throw fleet.wrong("--minutes %s (expected: above 0)".formatted(minutes));
    Duration step = fleet.duration("--every", every);
    fleet.check();
    try (ScratchDirectory scratch = fleet.logs().isPresent() ? null : ScratchDirectory.create("tilestream-bench-")) {
      Path directory = fleet.logs().isPresent() ? Files.createDirectories(fleet.logs().get()) : scratch.path();
      SoakResult result = new SoakBench(fleet, Duration.ofMillis((long) (minutes * 60_000)), step, kinds).measure(directory);
      fleet.print(fleet.json() ? result.json() : result.table());
      return result.good() ? 0 : 1;
    }
  }

  private List<FaultKind> kinds() {
    try {
      return faults.stream().map(FaultKind::of).distinct().toList();
    } catch (IllegalArgumentException e) {
      throw fleet.wrong("--faults: " + e.getMessage());
    }
  }
}
