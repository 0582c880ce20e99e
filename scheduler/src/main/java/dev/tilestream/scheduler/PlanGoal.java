package dev.tilestream.scheduler;

import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import java.util.Optional;

/**
 * What plans are asked for. A model instance has plans of its own for each.
 *
 * @param halo as {@link PlanOptions#halo}
 */
record PlanGoal(Strategy strategy, Objective objective, int halo) {
  /** The source alone: what serves when nothing else can. */
  static final PlanGoal LOCAL = new PlanGoal(Strategy.LOCAL, Objective.LATENCY, Horizon.UNLIMITED);

  /** One device alone has no choice: {@code local} is the same whatever it is for. */
  static PlanGoal of(Strategy strategy, Objective objective, int halo) {
    return strategy == Strategy.LOCAL ? LOCAL : new PlanGoal(strategy, objective, halo);
  }

  /** For requests that say nothing. */
  static PlanGoal standard(LoadedModel model) {
    return of(model, Optional.empty(), Optional.empty(), Optional.empty());
  }

  static PlanGoal of(LoadedModel model, InferenceRequest request) {
    return of(model, request.strategy(), request.objective(), request.halo());
  }

  private static PlanGoal of(LoadedModel model, Optional<Strategy> strategy, Optional<Objective> objective, Optional<Integer> halo) {
    return of(
        strategy.or(model::defaultStrategy).orElse(Strategy.HYBRID), objective.or(model::objective).orElse(Objective.LATENCY),
        halo.or(model::halo).orElse(Horizon.UNLIMITED));
  }

  /** @param search how far planning goes at this source */
  PlanOptions options(PlanOptions search) {
    return search.withObjective(objective).withHalo(halo);
  }
}
