package dev.tilestream.cli;

import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentOptions;
import dev.tilestream.cli.experiment.ExperimentReport;
import dev.tilestream.cli.replay.Replay;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.graph.logged.ProfileRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measured devices and a measured air, through the real cluster. */
@Command(
    name = "replay",
    description = "Runs logged models on a real fleet of processes: kernels wait as long as they took on a robot and its server, links"
        + " follow a trace of their Wi-Fi, everything else is real.",
    mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream replay --profile vgg19@lopinfer.json --trace indoors.csv --calibrated",
      "  tilestream replay --all --calibrated --out results      # an hour and a half"})
final class ReplayCommand implements Callable<Integer> {
  private static final int MOST_AT_ONCE = 16;

  @Spec private CommandSpec spec;

  @Mixin private ExperimentOptions options;

  @Option(
      names = "--at-once", paramLabel = "N", defaultValue = "1",
      description = "Experiments that run side by side. Their planning disturbs the others: measure one at a time. Default: ${DEFAULT-VALUE}.")
  private int atOnce;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (atOnce < 1 || atOnce > MOST_AT_ONCE)
      throw new ParameterException(spec.commandLine(), "--at-once: %d (expected: 1 to %d)".formatted(atOnce, MOST_AT_ONCE));
    List<Experiment> experiments = options.experiments();
    PrintWriter err = spec.commandLine().getErr();
    List<Replay> replays = new ArrayList<>();
    for (Experiment experiment : experiments) prepare(experiment, err).ifPresent(replays::add);
    if (replays.isEmpty()) throw new CommandFailed("no profile that can be replayed (expected: one with geometry)");
    long steps = replays.stream().mapToLong(Replay::steps).sum();
    try (Progress progress = Progress.to(err, options.json(), steps)) {
      print(run(replays, progress));
    }
    return 0;
  }

  /** What came out, in the order of {@code replays}, whichever ended first. */
  private Collection<Replay.Outcome> run(List<Replay> replays, Progress progress) throws IOException, InterruptedException {
    ExecutorService side = Executors.newFixedThreadPool(atOnce);
    try {
      CompletionService<Void> ended = new ExecutorCompletionService<>(side);
      SortedMap<Integer, Replay.Outcome> outcomes = new ConcurrentSkipListMap<>();
      for (int i = 0; i < replays.size(); i++) {
        int row = i;
        ended.submit(() -> run(replays.get(row), progress).ifPresent(outcome -> outcomes.put(row, outcome)), null);
      }
      for (int i = 0; i < replays.size(); i++) {
        ended.take().get();
        // A long table that is broken off is there as far as it got.
        write(report(outcomes.values()));
      }
      return outcomes.values();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CommandFailed failed ? failed : new CommandFailed("replay failed: " + e.getCause(), e.getCause());
    } finally {
      side.shutdownNow();
    }
  }

  private static ExperimentReport report(Collection<Replay.Outcome> outcomes) {
    return new ExperimentReport(outcomes.stream().flatMap(o -> o.results().stream()).toList());
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

  /** Empty, with a word, when it is one of many and fails. */
  private Optional<Replay.Outcome> run(Replay replay, Progress progress) {
    progress.step(replay.name());
    try (ScratchDirectory scratch = ScratchDirectory.create("tilestream-replay-")) {
      return Optional.of(replay.run(Launcher.path(), scratch.path(), progress::note, progress::done));
    } catch (NodeFailure | CommandFailed | IOException e) {
      if (!options.all()) throw new CommandFailed(e.getMessage(), e);
      progress.note("%s failed: %s".formatted(replay.name(), e.getMessage()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private void write(ExperimentReport report) throws IOException {
    Optional<Path> directory = options.out();
    if (directory.isPresent()) report.write(directory.get(), "replay");
  }

  private void print(Collection<Replay.Outcome> outcomes) {
    ExperimentReport report = report(outcomes);
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      out.println(report.json());
    } else {
      out.println(report.table());
      outcomes.forEach(o -> o.overheads().forEach(out::println));
    }
    out.flush();
  }
}
