package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Strategy;
import java.util.List;

/** The planners that there are. */
public final class Planners {
  private Planners() {}

  /** Strategies that {@link #of} knows, in the order of {@link Strategy}. */
  public static List<Strategy> built() {
    return List.of(Strategy.LOCAL, Strategy.OFFLOAD, Strategy.LAYER, Strategy.EVEN, Strategy.HYBRID);
  }

  /** @throws UnbuiltStrategyException when there is none yet */
  public static Planner of(Strategy strategy) {
    return switch (strategy) {
      case LOCAL -> new LocalPlanner();
      case OFFLOAD -> new OffloadPlanner();
      case LAYER -> new LayerPlanner();
      case EVEN -> new EvenPlanner();
      case HYBRID -> new HybridPlanner();
      case ENERGY, PUBLISHED -> throw new UnbuiltStrategyException(strategy);
    };
  }
}
