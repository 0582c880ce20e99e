package dev.tilestream.cli.experiment;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.cli.StrategyWords;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.PublishedPlanner;
import dev.tilestream.scheduler.plan.WrittenObjective;
import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What both experiments can be asked for. */
public final class ExperimentOptions {
  /** The traces that were measured with a series; profiles of others meet the first. */
  private static final Map<String, List<String>> TRACES = Map.of("hp", List.of("indoors-hp", "outdoors-hp"));

  private static final List<String> OTHER_TRACES = List.of("indoors", "outdoors");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--profile", paramLabel = "FILE",
      description = "Measured times of a model, by path or by name in --data, e.g. vgg19@lopinfer.json; may be repeated.")
  private List<String> profiles = List.of();

  @Option(
      names = "--trace", paramLabel = "FILE",
      description = "The air's rate over time, by path or by name in --data, e.g. indoors.csv; may be repeated.")
  private List<String> traces = List.of();

  @Option(names = "--rate", paramLabel = "RATE", description = "A constant rate instead of a trace, e.g. 94mbit.")
  private LinkRate rate;

  @Option(
      names = "--delay", paramLabel = "TIME", defaultValue = "0ms",
      description = "Of the air, one way, on top of what --calibrated adds. Default: ${DEFAULT-VALUE}.")
  private Duration delay;

  @Option(
      names = "--strategies", paramLabel = "S", split = ",", defaultValue = StrategyWords.ALL,
      description = "Comma-separated; all: every one there is. Default: ${DEFAULT-VALUE}.")
  private List<String> strategies;

  @Option(
      names = "--objective", paramLabel = "O", defaultValue = "latency",
      description = "What hybrid and energy plan for: latency, energy:1s (least joules within a deadline), weighted:PER_SECOND,PER_JOULE,"
          + " throughput:FRAMES. Default: ${DEFAULT-VALUE}.")
  private WrittenObjective objective;

  @Option(
      names = "--inferences", paramLabel = "N",
      description = "Of each strategy, spread over the trace: replay runs as many as go through windows of it that so many local ones take,"
          + " of which so many count. Default: all that go through the trace (simulate), or through windows of it (replay).")
  private Integer inferences;

  @Option(
      names = "--calibrated",
      description = "For profiles of the lopinfer series: 0.82 of the rate indoors, 0.65 outdoors, and 11 or 4 ms more per round trip, as"
          + " its robots had them.")
  private boolean calibrated;

  @Option(names = "--uint8", description = "The input comes as bytes, as a camera gives it, and is converted by the network.")
  private boolean uint8;

  @Option(
      names = "--halo", paramLabel = "N",
      description = "Rows of input that truncated plans see beyond their share: adds a row for hybrid. Default: 8, as published.")
  private Integer halo;

  @Option(names = "--all", description = "Every profile that can be split, over the traces of its series.")
  private boolean all;

  @Option(
      names = "--data", paramLabel = "DIR", defaultValue = "${env:TILESTREAM_MEASUREMENTS:-../shared/data/jetson}",
      description = "Where profiles/, bandwidth/ and published.csv are. Default: $$TILESTREAM_MEASUREMENTS or ../shared/data/jetson.")
  private Path data;

  @Option(names = "--out", paramLabel = "DIR", description = "Also write a table (CSV) and a plot (SVG) there.")
  private Path out;

  @Option(names = "--json", description = "Print the results as JSON.")
  private boolean json;

  /** What is to be done, profile by profile. */
  public List<Experiment> experiments() {
    if (all != profiles.isEmpty()) throw wrong("--profile or --all (expected: one of them)");
    if (rate != null && !traces.isEmpty()) throw wrong("--rate and --trace (expected: one of them)");
    if (!all && rate == null && traces.isEmpty()) throw wrong("no air (expected: --trace or --rate)");
    try {
      List<Experiment> experiments = new ArrayList<>();
      for (Path profile : profileFiles()) experiments.addAll(experiments(profile));
      return experiments;
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> profileFiles() throws IOException {
    List<Path> files = new ArrayList<>(all ? files().profiles() : List.of());
    for (String name : profiles) files.add(files().profile(name));
    if (files.isEmpty()) throw wrong("--data %s: no profiles (expected: profiles/<model>@<series>.json)".formatted(data));
    return files;
  }

  private List<Experiment> experiments(Path profile) throws IOException {
    if (rate != null && calibrated) say("--calibrated says nothing of a constant rate: it is taken as it is");
    if (rate != null) return List.of(new Experiment(profile, rate.toString(), RateTrace.constant(rate.bytesPerSecond()), delay));
    String series = Experiment.series(profile);
    List<Experiment> experiments = new ArrayList<>();
    for (String trace : traces.isEmpty() ? TRACES.getOrDefault(series, OTHER_TRACES) : traces) {
      Experiment e = Experiment.following(profile, files().trace(trace), calibrated);
      experiments.add(new Experiment(profile, e.traceName(), e.trace(), e.delay().plus(delay)));
    }
    return experiments;
  }

  /** Those asked for, in the order of {@link Strategy}. */
  Set<Strategy> strategies() {
    try {
      return StrategyWords.parse(strategies);
    } catch (IllegalArgumentException e) {
      throw wrong("--strategies: " + e.getMessage());
    }
  }

  /**
   * The ways to run a model.
   *
   * @param convertible whether it makes a difference that the input comes as bytes: else a row of its own would say the same again
   */
  public List<Column> columns(boolean convertible) {
    List<Column> all = Column.of(strategies(), strategies.contains(StrategyWords.ALL), uint8, halo(), halo != null);
    return all.stream().filter(c -> !c.uint8() || uint8 || convertible).toList();
  }

  /** Empty when it was not said how many. */
  public OptionalInt inferences() {
    if (inferences == null) return OptionalInt.empty();
    if (inferences < 1) throw wrong("--inferences: %d (expected: at least 1)".formatted(inferences));
    return OptionalInt.of(inferences);
  }

  /** What plans are chosen for. */
  public WrittenObjective objective() {
    return objective;
  }

  /** Rows of halo of truncated plans. */
  private int halo() {
    if (halo == null) return PublishedPlanner.HALO;
    if (halo < 0) throw wrong("--halo: %d (expected: at least 0)".formatted(halo));
    return halo;
  }

  /** Whether the whole table was asked for. */
  public boolean all() {
    return all;
  }

  public boolean json() {
    return json;
  }

  /** Where tables and plots go as well; the directory is there then. */
  public Optional<Path> out() throws IOException {
    return out == null ? Optional.empty() : Optional.of(Files.createDirectories(out));
  }

  public MeasurementFiles files() {
    return new MeasurementFiles(data);
  }

  private void say(String what) {
    PrintWriter err = command.commandLine().getErr();
    err.println("tilestream: " + what);
    err.flush();
  }

  /** Wrong usage, to be thrown. */
  public ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
