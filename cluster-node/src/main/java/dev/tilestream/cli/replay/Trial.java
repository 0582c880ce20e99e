package dev.tilestream.cli.replay;

import dev.tilestream.cli.experiment.ExperimentResult.Sample;
import dev.tilestream.plan.Strategy;
import java.util.ArrayList;
import java.util.List;

/** One strategy's inferences in one experiment. */
final class Trial {
  final Strategy strategy;
  final ReplayModel model;
  final List<Sample> samples = new ArrayList<>();
  /** What each took besides, over HTTP: mostly the input's way into the node. */
  final List<Double> httpMillis = new ArrayList<>();
  /** What was predicted of each when it was sent. */
  final List<Double> predictedMillis = new ArrayList<>();

  Trial(Strategy strategy, ReplayModel model) {
    this.strategy = strategy;
    this.model = model;
  }

  String label() {
    return strategy.word() + (model.uint8() ? " uint8" : "");
  }
}
