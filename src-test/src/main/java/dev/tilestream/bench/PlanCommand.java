package dev.tilestream.bench;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.cli.TextTable;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.graph.logged.LoggedModelReader;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.logged.LoggedFleet;
import dev.tilestream.scheduler.logged.LoggedPower;
import dev.tilestream.scheduler.logged.PublishedFigures;
import dev.tilestream.scheduler.plan.LowerBound;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.plan.PublishedPlanner;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.zoo.SharedData;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code ./tilestream bench plan}: the planners on measured robots, without their caution towards small gains. */
@Command(
    name = "plan",
    description = "What each strategy predicts for measured devices at constant rates, hybrid by effort, and the bound below all plans.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--profiles", split = ",", description = "Names as agrnav@lopinfer (default: all that say of what geometry they are).")
  private List<String> profiles;

  @Option(names = "--rates", split = ",", defaultValue = "10mbit,32mbit,48mbit,94mbit,200mbit",
      description = "Of each link (default: ${DEFAULT-VALUE}).")
  private List<String> rates;

  @Option(names = "--delay", defaultValue = "0", description = "Of each link, one way, in ms (default: ${DEFAULT-VALUE}).")
  private double delay;

  @Option(names = "--efforts", split = ",", defaultValue = "1,4,16", description = "Of hybrid, a column each (default: ${DEFAULT-VALUE}).")
  private List<Integer> efforts;

  @Option(names = "--devices", defaultValue = "2", description = "Robot, server, and more robots (default: ${DEFAULT-VALUE}).")
  private int devices;

  @Option(names = "--medium", defaultValue = "PER_LINK", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Medium medium;

  @Option(names = "--energy", description = "Joules of the robot within a second instead of milliseconds, by the logged watts.")
  private boolean energy;

  @Override
  public Integer call() throws IOException {
    if (efforts.stream().anyMatch(e -> e < 1)) throw wrong("--efforts %s (expected: each at least 1)".formatted(efforts));
    List<String> columns = new ArrayList<>(List.of("profile", "stages", "rate"));
    for (Strategy s : Strategy.values()) if (s != Strategy.HYBRID) columns.add(s.word());
    for (int e : efforts) columns.addAll(List.of("hybrid " + e, "cpu ms"));
    columns.addAll(List.of("bound", "gap"));
    TextTable table = new TextTable(columns.toArray(String[]::new));
    for (LoggedModel model : models()) {
      LoggedFleet fleet = LoggedFleet.of(LoggedImporter.load(model, false), power(model), devices, medium);
      for (String rate : rates) {
        table.row(row(model, fleet, rate));
        spec.commandLine().getErr().printf("%s at %s done%n", model.name(), rate);
      }
    }
    spec.commandLine().getOut().print(table);
    spec.commandLine().getOut().printf(
        "%s; * not exact. cpu ms: processor time of planning with that effort.%n", energy ? "Joules" : "Milliseconds");
    spec.commandLine().getOut().flush();
    return 0;
  }

  private String[] row(LoggedModel model, LoggedFleet logged, String rate) {
    Fleet fleet = logged.at(megabits(rate), delay / 1e3);
    var graph = logged.logged().graph();
    List<String> cells = new ArrayList<>(List.of(model.name(), String.valueOf(graph.stages().size()), rate));
    for (Strategy s : Strategy.values()) {
      if (s == Strategy.HYBRID) continue;
      PlanOptions options = s == Strategy.PUBLISHED ? options(4).withHalo(PublishedPlanner.HALO) : options(4);
      Plan plan = Planners.of(s).plan(graph, fleet, options);
      cells.add(figure(plan) + (plan.exact() ? "" : "*"));
    }
    double best = Double.POSITIVE_INFINITY;
    for (int effort : efforts) {
      long start = processorNanos();
      Plan plan = Planners.of(Strategy.HYBRID).plan(graph, fleet, options(effort));
      cells.add(figure(plan));
      cells.add(String.valueOf((processorNanos() - start) / 1_000_000));
      best = Math.min(best, energy ? plan.predictedJoules() : plan.predictedSeconds());
    }
    double bound = energy ? LowerBound.joules(graph, fleet) : LowerBound.seconds(graph, fleet);
    cells.add(figure(bound));
    cells.add(String.format(Locale.ROOT, "%.0f %%", 100 * (best / bound - 1)));
    return cells.toArray(String[]::new);
  }

  private Power power(LoggedModel model) {
    return energy ? LoggedPower.robot(model, PublishedFigures.read(SharedData.path("jetson", "published.csv"))) : Power.ROBOT;
  }

  private PlanOptions options(int effort) {
    PlanOptions sure = PlanOptions.SURE;
    return new PlanOptions(sure.maxChunks(), effort, sure.margin(), energy ? new Objective.Energy(1) : sure.objective(), sure.halo());
  }

  private List<LoggedModel> models() throws IOException {
    if (!SharedData.present()) throw wrong(SharedData.absence());
    List<Path> files;
    try (Stream<Path> all = Files.list(SharedData.path("jetson", "profiles"))) {
      files = all.filter(f -> f.toString().endsWith(".json")).filter(this::wanted).sorted().toList();
    }
    List<LoggedModel> models = new ArrayList<>();
    for (Path f : files) {
      LoggedModel model = LoggedModelReader.read(f);
      if (model.hasGeometry()) models.add(model);
    }
    if (models.isEmpty()) throw wrong("--profiles %s (expected: names of profiles with geometry)".formatted(profiles));
    return models;
  }

  private boolean wanted(Path file) {
    String name = file.getFileName().toString();
    return profiles == null || profiles.contains(name.substring(0, name.length() - ".json".length()));
  }

  private double megabits(String rate) {
    try {
      return LinkRate.parse(rate).bitsPerSecond() / 1e6;
    } catch (TypeConversionException e) {
      throw wrong(e.getMessage());
    }
  }

  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private String figure(Plan plan) {
    return figure(energy ? plan.predictedJoules() : plan.predictedSeconds());
  }

  private String figure(double value) {
    return energy ? String.format(Locale.ROOT, "%.3f", value) : String.format(Locale.ROOT, "%.1f", value * 1e3);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
