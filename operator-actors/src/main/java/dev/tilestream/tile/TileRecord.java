package dev.tilestream.tile;

import dev.tilestream.graph.Band;
import java.util.List;

/**
 * A tile that ran, and what it computed.
 *
 * @param timing of one that was computed together with others its part of their time
 * @param stages of the band's graph, ascending
 * @param together whether it was
 */
public record TileRecord(TileTiming timing, Band band, List<Integer> stages, boolean together) {
  /** One that was computed by itself. */
  public TileRecord(TileTiming timing, Band band, List<Integer> stages) {
    this(timing, band, stages, false);
  }
}
