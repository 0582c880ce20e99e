package dev.tilestream.cli;

import dev.tilestream.cli.experiment.Experiment;
import dev.tilestream.cli.experiment.ExperimentOptions;
import dev.tilestream.cli.experiment.ExperimentReport;
import dev.tilestream.cli.experiment.ExperimentResult;
import dev.tilestream.cli.simulate.SimulatedExperiment;
import dev.tilestream.cli.simulate.SimulatedExperiment.Setting;
import dev.tilestream.graph.logged.LoggedFiles;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.graph.logged.ProfileRefused;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.profile.Medium;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measured devices and a measured air, on paper. */
@Command(
    name = "simulate",
    description = "Walks through a trace of a robot's Wi-Fi in simulated time: inference after inference, each with the plan for the rate"
        + " seen so far, on devices as fast as a log says. Takes what replay takes and prints the same.",
    mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream simulate --profile vgg19@lopinfer.json --trace indoors.csv --calibrated",
      "  tilestream simulate --all --rate 40mbit --strategies offload,layer,hybrid"})
final class SimulateCommand implements Callable<Integer> {
  private static final int MOST_DEVICES = 200;
  @Spec private CommandSpec spec;
  @Mixin private ExperimentOptions options;

  @Option(
      names = "--devices", paramLabel = "N", defaultValue = "2",
      description = "Robot, server, and N - 2 robots that help. Default: ${DEFAULT-VALUE}.")
  private int devices;

  @Option(
      names = "--medium", paramLabel = "M", defaultValue = "per-sender",
      description = "What takes turns: per-sender (each device sends at the trace's rate, as in replay), shared (one device at a time, as on"
          + " real Wi-Fi) or per-link. Default: ${DEFAULT-VALUE}.")
  private Medium medium;

  @Override
  public Integer call() throws IOException {
    List<Experiment> asked = options.experiments();
    PrintWriter err = spec.commandLine().getErr();
    Setting setting = setting();
    List<SimulatedExperiment> experiments = new ArrayList<>();
    Set<String> leftOut = new LinkedHashSet<>();
    for (Experiment e : asked) prepare(e, setting, leftOut).ifPresent(experiments::add);
    leftOut.forEach(why -> err.println("tilestream: left out: " + why));
    err.flush();
    if (experiments.isEmpty()) throw new CommandFailed("no profile that can be simulated (expected: one with geometry)");
    List<ExperimentResult> results = new ArrayList<>();
    long steps = experiments.stream().mapToLong(SimulatedExperiment::columns).sum();
    try (Progress progress = Progress.to(err, options.json(), steps)) {
      for (SimulatedExperiment e : experiments) {
        progress.step(e.name());
        for (int c = 0; c < e.columns(); c++) {
          results.add(e.run(c, setting));
          progress.done();
        }
      }
    }
    print(new ExperimentReport(results));
    return 0;
  }

  private Setting setting() {
    if (devices < 2 || devices > MOST_DEVICES) throw options.wrong("--devices: %d (expected: 2 to %d)".formatted(devices, MOST_DEVICES));
    PlanOptions search = PlanOptions.SURE.withObjective(options.objective().objective());
    return new Setting(options.files().published(), devices, medium, options::columns, search, options.inferences());
  }

  /** Empty, and {@code leftOut} knows why, when it is one of many and cannot be simulated. */
  private Optional<SimulatedExperiment> prepare(Experiment experiment, Setting setting, Set<String> leftOut) {
    try {
      return Optional.of(new SimulatedExperiment(experiment, setting));
    } catch (ProfileRefused e) {
      if (!options.all()) throw new CommandFailed(e.getMessage() + fitting(experiment.profile()), e);
      leftOut.add(e.getMessage());
      return Optional.empty();
    }
  }

  private static String fitting(Path profile) {
    List<LoggedModel> fit = new LoggedFiles(profile.toAbsolutePath().getParent()).withGeometry();
    return fit.isEmpty() ? "" : "; beside it these fit: " + String.join(", ", fit.stream().map(LoggedModel::name).toList());
  }

  private void print(ExperimentReport report) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.print(options.json() ? report.json() + "\n" : report.table());
    out.flush();
    Optional<Path> directory = options.out();
    if (directory.isPresent()) report.write(directory.get(), "simulate");
  }
}
