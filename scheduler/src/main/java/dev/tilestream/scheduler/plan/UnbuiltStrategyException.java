package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Strategy;

/** A strategy that is named but not built yet. */
public final class UnbuiltStrategyException extends RuntimeException {
  private final Strategy strategy;

  public UnbuiltStrategyException(Strategy strategy) {
    super("strategy " + strategy.word() + " is not built yet");
    this.strategy = strategy;
  }

  public Strategy strategy() {
    return strategy;
  }
}
