package dev.tilestream.plan;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import java.util.List;
import java.util.Objects;

/**
 * A run of stages on a row span, on one device: the unit of work, one actor. Consecutive stages that a plan gives to one device for
 * the same rows form one tile, so that nothing is sent, woken or written to memory between them.
 *
 * @param id index in {@link Plan#tiles}
 * @param device index in {@link Plan#devices}
 * @param stages ids, ascending
 * @param outputs rows handed out: to other tiles and to the source
 * @param urgency smaller runs first when several are ready, on lanes and on links
 * @param horizon how far it sees; {@link Horizon#EXACT} unless a truncated halo was asked for
 */
public record Tile(int id, int device, List<Integer> stages, List<Rows> outputs, int urgency, Horizon horizon) {
  @JsonCreator
  public Tile {
    stages = List.copyOf(stages);
    outputs = List.copyOf(outputs);
    Objects.requireNonNull(horizon, "tile: no horizon");
    if (stages.isEmpty() || outputs.isEmpty()) throw new IllegalArgumentException("tile %d: no stages or no outputs".formatted(id));
  }

  /** An exact one. */
  public Tile(int id, int device, List<Integer> stages, List<Rows> outputs, int urgency) {
    this(id, device, stages, outputs, urgency, Horizon.EXACT);
  }

  /** Rows of halo that it sees; -1: all that it needs. */
  public int halo() {
    return horizon.halo();
  }

  public Band band(OperatorGraph graph) {
    return Band.of(graph, stages, outputs, horizon);
  }
}
