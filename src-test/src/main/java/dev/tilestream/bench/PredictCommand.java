package dev.tilestream.bench;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./tilestream bench predict}. */
@Command(
    name = "predict",
    description = "What plans were predicted to take against what they take: one edge and two slowed robots as processes on this machine.",
    mixinStandardHelpOptions = true)
final class PredictCommand extends FleetBenchCommand {
  @Option(names = "--models", split = ",", defaultValue = "squeezenet,mobilenet-v2,resnet50,densenet121,vgg19,fastestdet",
      description = "Networks of the zoo (default: ${DEFAULT-VALUE}).")
  private List<String> models;

  @Option(names = "--runs", defaultValue = "9", description = "Timed runs of each strategy (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(names = "--warm-ups", defaultValue = "12", description = "Runs of each strategy before, for nodes to learn (default: ${DEFAULT-VALUE}).")
  private int warmUps;

  @Option(names = "--robot-speed", defaultValue = "0.05", description = "Relative to this machine (default: ${DEFAULT-VALUE}).")
  private double robotSpeed;

  @Option(
      names = "--edge-speed", defaultValue = "0.5",
      description = "Likewise; below 1, so that the processes do not fight for processors (default: ${DEFAULT-VALUE}).")
  private double edgeSpeed;

  @Override
  public Integer call() throws Exception {
    if (runs < 1 || warmUps < 0) throw wrong("--runs %d --warm-ups %d (expected: at least 1 and 0)".formatted(runs, warmUps));
    PredictBench bench = new PredictBench(strategies(), warmUps, runs, progress());
    return run(models, robotSpeed, edgeSpeed, bench::measure, PredictResult::table, PredictResult::json);
  }
}
