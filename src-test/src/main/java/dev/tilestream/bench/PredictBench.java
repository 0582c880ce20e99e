package dev.tilestream.bench;

import dev.tilestream.cli.Quantiles;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.plan.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What nodes predict against what they then take. Strategies take turns, so that whatever else this machine does hits all alike. */
final class PredictBench {
  private final List<Strategy> strategies;
  private final int warmUps;
  private final int runs;
  private final ProgressLines progress;

  /**
   * @param warmUps runs of each strategy before, at least, from which nodes learn what their tiles really take
   * @param runs timed ones of each strategy
   */
  PredictBench(List<Strategy> strategies, int warmUps, int runs, ProgressLines progress) {
    this.strategies = List.copyOf(strategies);
    this.warmUps = warmUps;
    this.runs = runs;
    this.progress = progress;
  }

  List<PredictResult> measure(FleetBench.Subject subject) throws InterruptedException {
    progress.say("%s at %s", subject.model(), subject.rate());
    List<Trial> trials = strategies.stream().map(Trial::new).toList();
    subject.settle(warmUps, Duration.ZERO, () -> ask(subject, trials), progress);
    trials.forEach(trial -> trial.answers.clear());
    for (int run = 0; run < runs; run++) ask(subject, trials);
    return trials.stream().map(t -> t.result(subject.model(), subject.rate())).toList();
  }

  private static void ask(FleetBench.Subject subject, List<Trial> trials) throws InterruptedException {
    for (Trial trial : trials) trial.answers.add(subject.infer(trial.strategy));
  }

  private record Trial(Strategy strategy, List<RemoteAnswer> answers) {
    Trial(Strategy strategy) {
      this(strategy, new ArrayList<>());
    }

    PredictResult result(String model, String rate) {
      double[] measured = answers.stream().mapToDouble(RemoteAnswer::latencyMillis).toArray();
      double predicted = Quantiles.median(answers.stream().mapToDouble(RemoteAnswer::predictedMillis));
      List<String> devices = answers.stream().flatMap(a -> a.devices().stream()).distinct().sorted().toList();
      return new PredictResult(
          model, rate, strategy.word(), devices, predicted, Quantiles.median(measured), Quantiles.quantile(measured, 0.95), answers.size());
    }
  }
}
