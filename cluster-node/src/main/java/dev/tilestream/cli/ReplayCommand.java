package dev.tilestream.cli;

import dev.tilestream.cli.client.NodeFailure;
import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentOptions;
import dev.tilestream.cli.experiment.ExperimentReport;
import dev.tilestream.cli.experiment.ExperimentResult;
import dev.tilestream.cli.replay.Replay;
import dev.tilestream.graph.logged.ProfileRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measured devices and a measured air, through the real cluster. */
@Command(
    name = "replay",
    description = "Runs logged models on a real fleet of processes: kernels wait as long as they took on a robot and its server, links"
        + " follow a trace of their Wi-Fi, everything else is real.",
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ExperimentOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Experiment> experiments = options.experiments();
    PrintWriter err = spec.commandLine().getErr();
    List<Replay> replays = new ArrayList<>();
    for (Experiment experiment : experiments) prepare(experiment, err).ifPresent(replays::add);
    if (replays.isEmpty()) throw new CommandFailed("no profile that can be replayed (expected: one with geometry)");
    List<ExperimentResult> results = new ArrayList<>();
    List<String> overheads = new ArrayList<>();
    long steps = replays.stream().mapToLong(Replay::steps).sum();
    try (Progress progress = Progress.to(err, options.json(), steps)) {
      for (Replay replay : replays) {
        progress.step(replay.name());
        run(replay, progress, results, overheads);
        // A long table that is broken off is there as far as it got.
        write(new ExperimentReport(results));
      }
    }
    print(new ExperimentReport(results), overheads);
    return 0;
  }

  /** Empty, with a word, when it is one of many and cannot be replayed. */
  private Optional<Replay> prepare(Experiment experiment, PrintWriter err) {
    try {
      return Optional.of(Replay.of(experiment, options));
    } catch (ProfileRefused e) {
      if (!options.all()) throw new CommandFailed(e.getMessage(), e);
      err.println("tilestream: left out: " + e.getMessage());
      err.flush();
      return Optional.empty();
    }
  }

  private void run(Replay replay, Progress progress, List<ExperimentResult> results, List<String> overheads)
      throws IOException, InterruptedException {
    try (ScratchDirectory scratch = ScratchDirectory.create("tilestream-replay-")) {
      Replay.Outcome outcome = replay.run(Launcher.path(), scratch.path(), progress::note, progress::done);
      results.addAll(outcome.results());
      overheads.addAll(outcome.overheads());
    } catch (NodeFailure | CommandFailed e) {
      if (!options.all()) throw new CommandFailed(e.getMessage(), e);
      progress.note("%s failed: %s".formatted(replay.name(), e.getMessage()));
    }
  }

  private void write(ExperimentReport report) throws IOException {
    Optional<Path> directory = options.out();
    if (directory.isPresent()) report.write(directory.get(), "replay");
  }

  private void print(ExperimentReport report, List<String> overheads) {
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      out.println(report.json());
    } else {
      out.println(report.table());
      overheads.forEach(out::println);
    }
    out.flush();
  }
}
