package dev.tilestream.bench;

import dev.tilestream.fuzz.Extent;
import dev.tilestream.fuzz.Finding;
import dev.tilestream.fuzz.Tally;
import dev.tilestream.fuzz.Targets;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./tilestream bench fuzz}. */
@Command(
    name = "fuzz",
    description = "Hostile input for all that reads bytes from outside: no crash, no hang, no unbounded allocation. Exit status 1: something "
        + "was found; how to run it again stands beside it.",
    mixinStandardHelpOptions = true)
final class FuzzCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--minutes", defaultValue = "5", description = "Over all targets (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Option(names = "--target", split = ",", description = "codec, config, http, node, onnx, picture (default: all of them).")
  private List<String> targets = Targets.words();

  @Option(names = "--seed", defaultValue = "1", description = "Of the first case; the next has the next (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--cases", description = "At most so many of each target (default: as many as there is time for).")
  private long cases = Long.MAX_VALUE;

  @Option(names = "--keep", description = "Directory that gets what led to each finding, a file TARGET-SEED each.")
  private Path keep;

  @Override
  public Integer call() throws IOException {
    if (!(minutes > 0) || cases < 1) throw wrong("--minutes %s --cases %d (expected: above 0, at least 1)".formatted(minutes, cases));
    for (String word : targets)
      if (!Targets.words().contains(word)) throw wrong("--target %s (expected: %s)".formatted(word, String.join(", ", Targets.words())));
    PrintWriter out = spec.commandLine().getOut();
    Duration each = Duration.ofMillis((long) (minutes * 60_000 / targets.size()) + 1);
    boolean clean = true;
    for (String word : targets) {
      Tally tally = Targets.run(word, new Extent(seed, cases, each));
      out.println(tally);
      for (Finding finding : tally.findings()) {
        out.println(finding);
        if (keep != null) Files.write(Files.createDirectories(keep).resolve(word + "-" + finding.seed()), input(finding));
      }
      out.flush();
      clean &= tally.findings().isEmpty();
    }
    return clean ? 0 : 1;
  }

  /** Whose maker did not live to tell it is made again. */
  private static byte[] input(Finding finding) throws IOException {
    return finding.input().length > 0 ? finding.input() : Targets.input(finding.target(), finding.seed());
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
