package dev.tilestream.cli.simulate;

import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Strategy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One way to run a model.
 *
 * @param name as results call it
 * @param uint8 whether the input comes as bytes
 * @param halo rows that bands see beyond their share; {@link Horizon#UNLIMITED}: all that they need
 */
record Column(String name, Strategy strategy, boolean uint8, int halo) {
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
}
