package dev.tilestream.plan;

import java.util.List;

/**
 * Which device computes which rows of which stages.
 *
 * @param graphHash {@link dev.tilestream.graph.OperatorGraph#hash} it was made for
 * @param strategy how it was made
 * @param devices names; index 0 is the source
 * @param tiles in an order in which every tile stands behind those it takes rows from
 * @param predictedSeconds latency by the planner's own simulator; NaN when unknown
 * @param predictedJoules energy at the source's side by the planner's model; NaN when unknown
 * @param exact whether it computes what one machine computes
 * @param precision at which rows of floats cross links
 */
public record Plan(
    String graphHash, Strategy strategy, List<String> devices, List<Tile> tiles, double predictedSeconds, double predictedJoules, boolean exact,
    Precision precision) {
  /** Index of the source in {@link #devices}. */
  public static final int SOURCE = 0;

  /** All rows cross links as they are. */
  public Plan(
      String graphHash, Strategy strategy, List<String> devices, List<Tile> tiles, double predictedSeconds, double predictedJoules, boolean exact) {
    this(graphHash, strategy, devices, tiles, predictedSeconds, predictedJoules, exact, Precision.FP32);
  }

  public Plan {
    devices = List.copyOf(devices);
    tiles = List.copyOf(tiles);
    for (int i = 0; i < tiles.size(); i++) {
      Tile t = tiles.get(i);
      if (t.id() != i) throw new IllegalArgumentException("plan: tile id %d at position %d".formatted(t.id(), i));
      if (t.device() < 0 || t.device() >= devices.size())
        throw new IllegalArgumentException("tile %d: device %d (expected: below %d)".formatted(i, t.device(), devices.size()));
    }
  }
}
