package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Bands by what they are made of, the last few hundred: neighbouring layouts of a search share most of theirs. Not thread-safe. */
final class Bands {
  private static final int REMEMBERED = 512;

  private record Key(List<Integer> stages, List<Rows> outputs, Horizon horizon) {}

  private final OperatorGraph graph;
  private final Map<Key, Band> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Band> eldest) {
          return size() > REMEMBERED;
        }
      };

  Bands(OperatorGraph graph) {
    this.graph = graph;
  }

  Band of(List<Integer> stages, List<Rows> outputs, Horizon horizon) {
    Key key = new Key(stages, outputs, horizon);
    Band band = known.get(key);
    if (band == null) {
      band = Band.of(graph, stages, outputs, horizon);
      known.put(key, band);
    }
    return band;
  }
}
