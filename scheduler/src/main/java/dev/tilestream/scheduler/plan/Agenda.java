package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Strategy;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What is still to be planned for a table, in order: a usable plan for the rates of now, a good one, then a fine one and good ones for the
 * neighbouring rates; further ones only when the rates move there, since most never come. Not thread-safe.
 */
public final class Agenda {
  /** Quickly made, and good to begin with. */
  private static final List<Strategy> FIRST = List.of(Strategy.LOCAL, Strategy.OFFLOAD);
  /** What else may turn out to be better than {@code hybrid}'s own plan once it is measured. */
  private static final List<Strategy> REST = List.of(Strategy.OFFLOAD, Strategy.LAYER, Strategy.EVEN);

  /** Effort of fine plans: where rows are worth most, good searches still end at very different ones. */
  private static final int FINE = 16;

  /** A cell to plan for. */
  private record Next(int cell, boolean fine) {}

  private final Strategy strategy;
  private final PlanOptions options;
  private final RateGrid grid;
  /** One device needs a single plan, whatever the rates. */
  private final boolean alone;
  /** For the rates of the grid's middle. */
  private final Deque<PlanStep> begun = new ArrayDeque<>();
  private final BitSet planned = new BitSet();
  private final BitSet refined = new BitSet();

  /**
   * @param options of good plans
   * @param devices how many there are
   */
  public Agenda(Strategy strategy, PlanOptions options, int devices, RateGrid grid) {
    this.strategy = strategy;
    this.options = options;
    this.grid = grid;
    alone = devices == 1 || strategy == Strategy.LOCAL;
    if (!alone && strategy == Strategy.HYBRID) {
      begun.add(step(FIRST, options.withEffort(1)));
      begun.add(step(List.of(strategy), options.withEffort(1)));
      begun.add(step(REST, options));
      if (options.effort() > 1) begun.add(step(List.of(strategy), options));
    } else begun.add(step(List.of(strategy), options));
    planned.set(grid.middle());
  }

  private PlanStep step(List<Strategy> strategies, PlanOptions with) {
    return new PlanStep(grid.middle(), strategies, with, false);
  }

  /** Other plans than its own are to be judged. */
  public void judge() {
    if (begun.stream().noneMatch(s -> s.strategies().isEmpty())) begun.add(step(List.of(), options));
  }

  /** What to do next when all rates are {@code factor} times those of the grid's middle, and takes it off; empty: nothing. */
  public Optional<PlanStep> take(double factor) {
    if (!begun.isEmpty()) return Optional.of(begun.poll());
    boolean ahead = ahead(factor);
    Optional<Next> next = next(factor);
    next.ifPresent(n -> (n.fine ? refined : planned).set(n.cell));
    return next.map(n -> new PlanStep(n.cell, List.of(strategy), n.fine ? options.withEffort(FINE) : options, ahead));
  }

  /** What {@link #take} would give is ahead of need. */
  public boolean ahead(double factor) {
    return begun.isEmpty() && (alone || planned.get(home(factor)));
  }

  public boolean empty(double factor) {
    return begun.isEmpty() && next(factor).isEmpty();
  }

  /** Whose plans serve at that rate: what others than hybrid make is close to the same within a factor of two. */
  private int home(double factor) {
    int cell = grid.cell(factor);
    int apart = cell - grid.middle();
    return strategy == Strategy.HYBRID || apart % 2 == 0 ? cell : cell - Integer.signum(apart);
  }

  private Optional<Next> next(double factor) {
    if (alone) return Optional.empty();
    int home = home(factor);
    if (!planned.get(home)) return Optional.of(new Next(home, false));
    if (strategy != Strategy.HYBRID) return Optional.empty();
    if (options.effort() > 1 && options.effort() < FINE && !refined.get(home)) return Optional.of(new Next(home, true));
    int nearer = grid.position(factor) >= home ? 1 : -1;
    for (int cell : new int[] {home + nearer, home - nearer})
      if (cell >= 0 && cell < grid.cells() && !planned.get(cell)) return Optional.of(new Next(cell, false));
    return Optional.empty();
  }
}
