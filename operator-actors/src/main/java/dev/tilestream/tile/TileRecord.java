package dev.tilestream.tile;

import dev.tilestream.graph.Band;
import java.util.List;

/**
 * A tile that ran, and what it computed.
 *
 * @param stages of the band's graph, ascending
 */
public record TileRecord(TileTiming timing, Band band, List<Integer> stages) {}
