package dev.tilestream.bench;

import dev.tilestream.plan.Strategy;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./tilestream bench live}. */
@Command(
    name = "live",
    description = "Strategies, hybrid among them, side by side with real kernels: one edge and two slowed robots as processes on this machine.",
    mixinStandardHelpOptions = true)
final class LiveCommand extends FleetBenchCommand {
  private static final double EDGE_SPEED = 1;

  @Option(names = "--models", split = ",", description = "Networks of the zoo (default: all that are available).")
  private List<String> models;

  @Option(names = "--runs", defaultValue = "21", description = "Timed runs of each strategy, at least (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(names = "--seconds", defaultValue = "30", description = "Of timed runs, at least (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--robot-speed", defaultValue = "0.1", description = "Relative to this machine (default: ${DEFAULT-VALUE}).")
  private double robotSpeed;

  @Override
  public Integer call() throws Exception {
    if (runs < 1) throw wrong("--runs %d (expected: at least 1)".formatted(runs));
    if (seconds < 0) throw wrong("--seconds %d (expected: at least 0)".formatted(seconds));
    List<Strategy> strategies = strategies();
    if (!strategies.contains(Strategy.HYBRID) || strategies.size() < 2)
      throw wrong("--strategies %s (expected: hybrid and another)".formatted(strategies.stream().map(Strategy::word).toList()));
    LiveBench bench = new LiveBench(strategies, runs, Duration.ofSeconds(seconds), progress());
    return run(models, robotSpeed, EDGE_SPEED, bench::measure, LiveResult::table, LiveResult::json);
  }
}
