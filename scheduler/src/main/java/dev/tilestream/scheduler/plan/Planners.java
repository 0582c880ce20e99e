package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Strategy;
import java.util.List;

/** A planner for every strategy. */
public final class Planners {
  private Planners() {}

  /** All strategies, in their order. */
  public static List<Strategy> built() {
    return List.of(Strategy.values());
  }

  public static Planner of(Strategy strategy) {
    return switch (strategy) {
      case LOCAL -> new LocalPlanner();
      case OFFLOAD -> new OffloadPlanner();
      case LAYER -> new LayerPlanner();
      case ENERGY -> new EnergyPlanner();
      case EVEN -> new EvenPlanner();
      case PUBLISHED -> new PublishedPlanner();
      case HYBRID -> new HybridPlanner();
    };
  }
}
