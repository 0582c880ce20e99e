package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Strategy;

/** A planner for every strategy. */
public final class Planners {
  private Planners() {}

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
