package dev.tilestream.scheduler;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.profile.Fleet;
import java.util.Optional;

/**
 * What plans are asked for. A model instance has plans of its own for each.
 *
 * @param halo as {@link PlanOptions#halo}
 * @param precision as {@link PlanOptions#precision}
 */
record PlanGoal(Strategy strategy, Objective objective, int halo, Precision precision) {
  /** The source alone: what serves when nothing else can. */
  static final PlanGoal LOCAL = new PlanGoal(Strategy.LOCAL, Objective.LATENCY, Horizon.UNLIMITED);

  /** With rows that cross links as they are. */
  PlanGoal(Strategy strategy, Objective objective, int halo) {
    this(strategy, objective, halo, Precision.FP32);
  }

  /** One device alone has no choice: {@code local} is the same whatever it is for. */
  private static PlanGoal of(Strategy strategy, Objective objective, int halo, Precision precision) {
    return strategy == Strategy.LOCAL ? LOCAL : new PlanGoal(strategy, objective, halo, precision);
  }

  /** For requests that say nothing. */
  static PlanGoal standard(LoadedModel model) {
    return of(model, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static PlanGoal of(LoadedModel model, InferenceRequest request) {
    return of(model, request.strategy(), request.objective(), request.halo(), request.precision());
  }

  private static PlanGoal of(
      LoadedModel model, Optional<Strategy> strategy, Optional<Objective> objective, Optional<Integer> halo, Optional<Precision> precision) {
    return of(
        strategy.or(model::defaultStrategy).orElse(Strategy.HYBRID), objective.or(model::objective).orElse(Objective.LATENCY),
        halo.or(model::halo).orElse(Horizon.UNLIMITED), precision.or(model::precision).orElse(Precision.FP32));
  }

  /** @param search how far planning goes at this source */
  PlanOptions options(PlanOptions search) {
    return search.withObjective(objective).withHalo(halo).withPrecision(precision);
  }

  /** What these devices and links are to plans that are asked for so. */
  Fleet fleet(Fleet known, OperatorGraph graph) {
    return precision == Precision.FP16 ? known.halving(graph) : known;
  }
}
