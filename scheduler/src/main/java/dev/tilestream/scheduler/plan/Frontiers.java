package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Placements.Flow;

/**
 * Cuts of the graph in two along any frontier: a set of units that holds with each unit all that it reads from goes to a first device,
 * the rest to a second. The cost of a cut is what both compute and what crosses, added up; the least is found as a minimum cut, as in
 * DNN Surgery (Liang et al., IEEE Transactions on Cloud Computing 11(3), 2023), which the Hybrid-Parallel paper compares with as DSCCS.
 */
final class Frontiers {
  private static final double NEVER = Double.POSITIVE_INFINITY;

  private final Placements placements;

  Frontiers(Placements placements) {
    this.placements = placements;
  }

  /** For each unit whether it is on {@code first} rather than {@code second} in the cut that takes least. */
  boolean[] best(int first, int second) {
    MinCut cut = new MinCut();
    int units = placements.units();
    for (int u = 0; u < units; u++) cut.node();
    int source = cut.node();
    int sink = cut.node();
    // An edge from the source is cut when its unit is on the second device, one to the sink when it is on the first.
    for (int u = 0; u < units; u++) {
      cut.edge(source, u, placements.seconds(second, u));
      cut.edge(u, sink, placements.seconds(first, u));
    }
    for (Flow f : placements.flows()) {
      if (f.maker() < 0) input(cut, f, first, second, source, sink);
      else made(cut, f, first, second, source, sink);
    }
    boolean[] side = cut.sourceSide(source, sink);
    boolean[] onFirst = new boolean[units];
    System.arraycopy(side, 0, onFirst, 0, units);
    return onFirst;
  }

  private void input(MinCut cut, Flow f, int first, int second, int source, int sink) {
    int atFirst = cut.node();
    int atSecond = cut.node();
    cut.edge(atFirst, sink, placements.send(Plan.SOURCE, first, f.bytes()));
    cut.edge(source, atSecond, placements.send(Plan.SOURCE, second, f.bytes()));
    for (int r : f.readers()) {
      cut.edge(r, atFirst, NEVER);
      cut.edge(atSecond, r, NEVER);
    }
  }

  private void made(MinCut cut, Flow f, int first, int second, int source, int sink) {
    if (f.answer()) {
      cut.edge(f.maker(), sink, placements.send(first, Plan.SOURCE, f.bytes()));
      cut.edge(source, f.maker(), placements.send(second, Plan.SOURCE, f.bytes()));
    }
    if (f.readers().length == 0) return;
    int crossing = cut.node();
    cut.edge(f.maker(), crossing, placements.send(first, second, f.bytes()));
    for (int r : f.readers()) {
      cut.edge(crossing, r, NEVER);
      cut.edge(r, f.maker(), NEVER);
    }
  }

  /** What a cut takes by adding up: what {@link #best} makes least. */
  double seconds(boolean[] onFirst, int first, int second) {
    double sum = 0;
    for (int u = 0; u < onFirst.length; u++) sum += placements.seconds(onFirst[u] ? first : second, u);
    for (Flow f : placements.flows()) {
      boolean readByFirst = false;
      boolean readBySecond = false;
      for (int r : f.readers()) {
        readByFirst |= onFirst[r];
        readBySecond |= !onFirst[r];
      }
      if (f.maker() < 0) {
        if (readByFirst) sum += placements.send(Plan.SOURCE, first, f.bytes());
        if (readBySecond) sum += placements.send(Plan.SOURCE, second, f.bytes());
        continue;
      }
      boolean madeByFirst = onFirst[f.maker()];
      if (madeByFirst && readBySecond) sum += placements.send(first, second, f.bytes());
      if (f.answer()) sum += placements.send(madeByFirst ? first : second, Plan.SOURCE, f.bytes());
    }
    return sum;
  }
}
