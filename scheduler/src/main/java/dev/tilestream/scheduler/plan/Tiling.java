package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Turns layouts into tiles. Keeps what it learned of the graph, so make one for a whole search. Not thread-safe. */
final class Tiling {
  private final OperatorGraph graph;
  private final Cuts cuts;
  private final Bands bands;
  private final Reach reach;
  private final int halo;

  /** @param halo as {@link PlanOptions#halo} */
  Tiling(OperatorGraph graph, Cuts cuts, Bands bands, int halo) {
    this.halo = halo;
    this.graph = graph;
    this.cuts = cuts;
    this.bands = bands;
    reach = new Reach(graph);
  }

  /**
   * Tiles in dependency order. Urgency: segments in order, within one the chunks in order, deep stages of a chunk behind its
   * shallow ones.
   */
  List<Tile> tiles(Layout layout) {
    List<Draft> drafts = new ArrayList<>();
    Map<Integer, int[]> streamed = new HashMap<>();
    for (int i = 0; i < layout.segments().size(); i++) {
      Segment segment = layout.segments().get(i);
      Map<Integer, int[]> made = new HashMap<>();
      for (int d = 0; d < segment.devices(); d++) {
        if (!segment.uses(d)) continue;
        List<Rows> outputs = share(segment, d);
        if (!outputs.isEmpty()) made.putAll(new Share(i, segment, d, outputs, drafts).cut(streamed));
      }
      if (segment.used() == 1) streamed.putAll(made);
    }
    return number(drafts);
  }

  private static List<Tile> number(List<Draft> drafts) {
    int[] urgency = new int[drafts.size()];
    List<Integer> order = IntStream.range(0, drafts.size())
        .boxed()
        .sorted(Comparator.comparingInt((Integer i) -> drafts.get(i).segment).thenComparingInt(i -> drafts.get(i).chunk))
        .toList();
    for (int i = 0; i < order.size(); i++) urgency[order.get(i)] = i;
    List<Tile> tiles = new ArrayList<>();
    for (Draft d : drafts) tiles.add(new Tile(tiles.size(), d.device, d.stages, d.outputs, urgency[tiles.size()], d.horizon));
    return tiles;
  }

  /** Rows of what the segment hands on that device {@code d} is to make. */
  private List<Rows> share(Segment segment, int d) {
    List<Rows> rows = new ArrayList<>();
    for (int t : cuts.exports(segment.from(), segment.to())) {
      int all = graph.tensor(t).rows();
      int from = (int) Math.round(segment.edges().get(d) * all);
      int to = (int) Math.round(segment.edges().get(d + 1) * all);
      if (from < to) rows.add(new Rows(t, new RowSpan(from, to)));
    }
    return rows;
  }

  private record Draft(int segment, int chunk, int device, List<Integer> stages, List<Rows> outputs, Horizon horizon) {}

  /** One device's part of one segment on its way to tiles. */
  private final class Share {
    private final int index;
    private final Segment segment;
    private final int device;
    private final List<Rows> outputs;
    private final List<Draft> drafts;
    private final Band band;
    private final Horizon horizon;
    private final BitSet running = new BitSet();

    Share(int index, Segment segment, int device, List<Rows> outputs, List<Draft> drafts) {
      this.index = index;
      this.segment = segment;
      this.device = device;
      this.outputs = outputs;
      this.drafts = drafts;
      horizon = Horizon.of(segment.edges().get(device), segment.edges().get(device + 1), halo);
      band = bands.of(IntStream.range(segment.from(), segment.to()).boxed().toList(), outputs, horizon);
      for (int o : band.operators()) running.set(o);
    }

    /** Adds the tiles; gives back for each tensor made in chunks where its chunks end. */
    Map<Integer, int[]> cut(Map<Integer, int[]> streamed) {
      Streaming s = segment.streaming();
      int skip = cuts.nearest(Math.min(segment.to(), segment.from() + s.skip()), segment.from(), segment.to());
      int end = localRun(skip, Math.min(segment.to(), skip + s.stages()));
      if (s.chunks() == 1 || end <= skip) {
        whole(segment.from(), segment.to(), 0);
        return Map.of();
      }
      if (segment.from() < skip) whole(segment.from(), skip, -1);
      Map<Integer, int[]> ends = new HashMap<>(streamed);
      Map<Integer, int[]> made = new HashMap<>();
      int from = skip;
      for (int g = 0; g < s.groups() && from < end; g++) {
        int to = g == s.groups() - 1 ? end : cuts.nearest(skip + (end - skip) * (g + 1) / s.groups(), from, end);
        if (to == from) continue;
        Map<Integer, int[]> edges = group(from, to, s.chunks(), ends);
        ends.putAll(edges);
        made.putAll(edges);
        from = to;
      }
      if (from < segment.to()) whole(from, segment.to(), s.chunks());
      return made;
    }

    /** End of the local stages from {@code from} on that may be cut off there, at most {@code to}. */
    private int localRun(int from, int to) {
      int end = from;
      while (end < to && graph.stage(end).local()) end++;
      return cuts.nearest(end, from, end);
    }

    private void whole(int from, int to, int chunk) {
      List<Rows> rows = exports(from, to);
      if (!rows.isEmpty()) drafts.add(new Draft(index, chunk, device, stages(from, to), rows, horizon));
    }

    /** Stages {@code [from, to)} chunk by chunk. */
    private Map<Integer, int[]> group(int from, int to, int chunks, Map<Integer, int[]> streamed) {
      List<Rows> exports = exports(from, to);
      Map<Integer, int[]> ends = new HashMap<>();
      for (Rows e : exports) ends.put(e.tensor(), ends(from, to, e, chunks, streamed));
      for (int c = 0; c < chunks; c++) {
        List<Rows> rows = new ArrayList<>();
        for (Rows e : exports) {
          int[] edges = ends.get(e.tensor());
          int start = c == 0 ? e.span().from() : edges[c - 1];
          if (start < edges[c]) rows.add(new Rows(e.tensor(), new RowSpan(start, edges[c])));
        }
        if (!rows.isEmpty()) drafts.add(new Draft(index, c, device, stages(from, to), rows, horizon));
      }
      return ends;
    }

    private int[] ends(int from, int to, Rows export, int chunks, Map<Integer, int[]> streamed) {
      boolean fed = IntStream.range(from, to)
          .flatMap(s -> graph.stage(s).inputs().stream().mapToInt(t -> t))
          .anyMatch(t -> streamed.containsKey(t) && streamed.get(t).length == chunks);
      RowSpan span = export.span();
      int[] ends = new int[chunks];
      for (int c = 0; c < chunks; c++) {
        if (c == chunks - 1) ends[c] = span.to();
        else if (!fed) ends[c] = span.from() + Math.round(span.rows() * (c + 1) / (float) chunks);
        else ends[c] = reach.of(from, to, export.tensor(), span, c == 0 ? span.from() : ends[c - 1], arrived(streamed, chunks, c), horizon);
      }
      return ends;
    }

    private Map<Integer, Integer> arrived(Map<Integer, int[]> streamed, int chunks, int chunk) {
      Map<Integer, Integer> arrived = new HashMap<>();
      streamed.forEach((t, ends) -> {
        if (ends.length == chunks) arrived.put(t, ends[chunk]);
      });
      return arrived;
    }

    private List<Integer> stages(int from, int to) {
      return IntStream.range(from, to).filter(this::runs).boxed().toList();
    }

    private boolean runs(int stage) {
      for (int o : graph.stage(stage).operators()) if (running.get(o)) return true;
      return false;
    }

    /** What stages {@code [from, to)} hand to later ones of this share, halo and all, and what was asked of the share. */
    private List<Rows> exports(int from, int to) {
      Map<Integer, RowSpan> rows = new java.util.TreeMap<>();
      for (Rows r : outputs) if (madeIn(r.tensor(), from, to)) rows.put(r.tensor(), r.span());
      for (int s = to; s < segment.to(); s++) {
        if (!runs(s)) continue;
        for (int t : graph.stage(s).inputs())
          if (madeIn(t, from, to)) band.rows(t).ifPresent(span -> rows.put(t, span));
      }
      return rows.entrySet().stream().map(e -> new Rows(e.getKey(), e.getValue())).toList();
    }

    private boolean madeIn(int tensor, int from, int to) {
      int maker = cuts.maker(tensor);
      return from <= maker && maker < to;
    }
  }
}
