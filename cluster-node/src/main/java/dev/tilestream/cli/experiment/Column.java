package dev.tilestream.cli.experiment;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.logged.PublishedFigures;
import dev.tilestream.scheduler.logged.PublishedFigures.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * One way to run a model.
 *
 * @param name as results call it
 * @param uint8 whether the input comes as bytes
 * @param halo rows that bands see beyond their share; {@link Horizon#UNLIMITED}: all that they need
 */
public record Column(String name, Strategy strategy, boolean uint8, int halo) {
  /** What authors call the strategies that they measured. */
  private static final Map<Strategy, PublishedFigures.Column> AUTHORS = Map.of(
      Strategy.LOCAL, PublishedFigures.Column.LOCAL, Strategy.OFFLOAD, PublishedFigures.Column.OFFLOAD,
      Strategy.LAYER, PublishedFigures.Column.DSCCS, Strategy.ENERGY, PublishedFigures.Column.SPSO_GA,
      Strategy.PUBLISHED, PublishedFigures.Column.PUBLISHED);

  /**
   * @param every whether variants are wanted besides the strategies themselves
   * @param bytes whether the input of all comes as bytes
   * @param halo of truncated plans
   * @param truncated whether the halo was asked for
   */
  static List<Column> of(Collection<Strategy> strategies, boolean every, boolean bytes, int halo, boolean truncated) {
    List<Column> columns = new ArrayList<>();
    for (Strategy s : strategies) columns.add(new Column(s.word(), s, bytes, s == Strategy.PUBLISHED ? halo : Horizon.UNLIMITED));
    if (!strategies.contains(Strategy.HYBRID)) return columns;
    if (every && !bytes) columns.add(new Column("hybrid uint8", Strategy.HYBRID, true, Horizon.UNLIMITED));
    if (every || truncated) columns.add(new Column("hybrid truncated", Strategy.HYBRID, bytes, halo));
    return columns;
  }

  /** What came out of it, beside what the authors of the measurements found for the same. */
  public ExperimentResult result(
      Experiment experiment, LoggedModel model, PublishedFigures published, Collection<ExperimentResult.Sample> samples) {
    return ExperimentResult.of(
        experiment.profileName(), experiment.traceName(), name, samples, authors(experiment, model, published, Row::millis),
        authors(experiment, model, published, Row::joules));
  }

  private OptionalDouble authors(
      Experiment experiment, LoggedModel model, PublishedFigures published, Function<Row, Map<PublishedFigures.Column, Double>> figures) {
    if (uint8 || !name.equals(strategy.word()) || !AUTHORS.containsKey(strategy)) return OptionalDouble.empty();
    Optional<Double> figure = published.row(model, experiment.environment()).map(figures).map(f -> f.get(AUTHORS.get(strategy)));
    return figure.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }
}
