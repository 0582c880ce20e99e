package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.scheduler.plan.Pieces.Piece;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One device's part of one segment on its way to tiles. */
final class PartCut {
  /** What is one tile, of chunk {@code chunk} of {@code chunks}. */
  record Taken(int chunk, int chunks, Piece piece) {}

  /** All tiles of a part, and in which chunks it makes what it makes in chunks, by tensor. */
  record Cutting(List<Taken> tiles, Map<Integer, Chunks> made) {}

  private final OperatorGraph graph;
  private final Cuts cuts;
  private final Pieces pieces;
  private final Reach reach;
  private final Segment segment;
  private final int device;
  private final Horizon horizon;
  private final Tiling.Streams streams;
  private final Streaming streaming;
  private final Piece whole;
  private final List<Taken> tiles = new ArrayList<>();
  private final Map<Integer, Chunks> made = new HashMap<>();

  /** @param whole all that the device makes of the segment */
  PartCut(OperatorGraph graph, Cuts cuts, Pieces pieces, Reach reach, Segment segment, int device, Piece whole, Horizon horizon,
      Tiling.Streams streams) {
    this.graph = graph;
    this.cuts = cuts;
    this.pieces = pieces;
    this.reach = reach;
    this.segment = segment;
    this.device = device;
    this.whole = whole;
    this.horizon = horizon;
    this.streams = streams;
    streaming = segment.part(device).streaming();
  }

  Cutting cut() {
    take();
    return new Cutting(tiles, made);
  }

  private void take() {
    int skip = cuts.nearest(Math.min(segment.to(), segment.from() + streaming.skip()), segment.from(), segment.to());
    int end = localRun(skip, Math.min(segment.to(), skip + streaming.stages()));
    if (streaming.chunks() == 1 || end <= skip) {
      tiles.add(new Taken(0, 1, whole));
      return;
    }
    int chunks = streaming.chunks();
    if (segment.from() < skip) tile(segment.from(), skip, -1);
    int[] edges = groups(skip, end);
    List<List<Rows>> exports = new ArrayList<>();
    for (int g = 0; g + 1 < edges.length; g++) exports.add(exports(edges[g], edges[g + 1]));
    List<Map<Integer, Chunks>> pulled = streaming.pull() ? pulled(edges, exports) : null;
    for (int g = 0; g + 1 < edges.length; g++) {
      for (Rows e : exports.get(g)) {
        int t = e.tensor();
        made.put(t, pulled != null ? pulled.get(g).get(t) : pushed(edges[g], edges[g + 1], e));
      }
      for (Rows e : exports.get(g)) streams.put(device, e.tensor(), made.get(e.tensor()));
      for (int c = 0; c < chunks; c++) tile(edges[g], edges[g + 1], c, exports.get(g));
    }
    if (end < segment.to()) tile(end, segment.to(), chunks);
  }

  /** Where the groups of stages {@code [from, end)} begin, and {@code end}. */
  private int[] groups(int from, int end) {
    List<Integer> edges = new ArrayList<>(List.of(from));
    for (int g = 0; g < streaming.groups(); g++) {
      int last = edges.get(edges.size() - 1);
      int to = g == streaming.groups() - 1 ? end : cuts.nearest(from + (end - from) * (g + 1) / streaming.groups(), last, end);
      if (to > last) edges.add(to);
    }
    return edges.stream().mapToInt(e -> e).toArray();
  }

  /** End of the local stages from {@code from} on that may be cut off there, at most {@code to}. */
  private int localRun(int from, int to) {
    int end = from;
    while (end < to && graph.stage(end).local()) end++;
    return cuts.nearest(end, from, end);
  }

  /** Stages {@code [from, to)} on all their rows. */
  private void tile(int from, int to, int chunk) {
    List<Rows> rows = exports(from, to);
    if (!rows.isEmpty()) tiles.add(new Taken(chunk, streaming.chunks(), pieces.of(from, to, rows, horizon)));
  }

  /** Chunk {@code c} of them. */
  private void tile(int from, int to, int c, List<Rows> exports) {
    List<Rows> rows = new ArrayList<>();
    for (Rows e : exports) {
      RowSpan piece = made.get(e.tensor()).piece(c);
      if (piece != null) rows.add(new Rows(e.tensor(), piece));
    }
    if (!rows.isEmpty()) tiles.add(new Taken(c, streaming.chunks(), pieces.of(from, to, rows, horizon)));
  }

  /** Chunks of {@code export} that follow those of its inputs; equal ones when nothing it needs comes in as many chunks. */
  private Chunks pushed(int from, int to, Rows export) {
    Map<Integer, Chunks> arriving = new HashMap<>();
    for (int s = from; s < to; s++)
      for (int t : graph.stage(s).inputs()) {
        Chunks c = streams.of(device, t);
        if (c != null && c.size() == streaming.chunks() && c.down() == streaming.down()) arriving.put(t, c);
      }
    return arriving.isEmpty()
        ? Chunks.even(export.span(), streaming.down(), streaming.chunks(), streaming.skew())
        : reach.pushed(from, to, export, streaming.chunks(), streaming.down(), arriving, horizon);
  }

  /** Chunks of what each group makes, so that each chunk of the last group finds just what it needs. */
  private List<Map<Integer, Chunks>> pulled(int[] edges, List<List<Rows>> exports) {
    int groups = exports.size();
    int n = streaming.chunks();
    List<Map<Integer, Chunks>> chunks = new ArrayList<>();
    for (int g = 0; g < groups; g++) chunks.add(new HashMap<>());
    Map<Integer, RowSpan[]> wanted = new HashMap<>();
    for (int g = groups - 1; g >= 0; g--) {
      for (Rows e : exports.get(g)) {
        RowSpan[] by = wanted.get(e.tensor());
        Chunks even = Chunks.even(e.span(), streaming.down(), n, streaming.skew());
        chunks.get(g).put(e.tensor(), by == null ? even : following(e.span(), by, leaves(e.tensor(), edges[groups]) ? even : null));
      }
      for (Map.Entry<Integer, Chunks> e : chunks.get(g).entrySet()) {
        Reach.Field field = reach.field(edges[g], edges[g + 1], e.getKey(), horizon);
        for (int c = 0; c < n; c++) {
          RowSpan so = e.getValue().upTo(c);
          if (so == null) continue;
          for (Rows in : field.needs(so)) {
            RowSpan[] spans = wanted.computeIfAbsent(in.tensor(), t -> new RowSpan[n]);
            spans[c] = spans[c] == null ? in.span() : spans[c].hull(in.span());
          }
        }
      }
    }
    return chunks;
  }

  /** Whether someone outside the streamed stages reads {@code tensor}. */
  private boolean leaves(int tensor, int end) {
    return cuts.lastReader(tensor) >= end;
  }

  private Chunks following(RowSpan span, RowSpan[] wanted, Chunks also) {
    int n = wanted.length;
    boolean down = streaming.down();
    int[] edges = new int[n];
    int so = down ? span.to() : span.from();
    for (int c = 0; c < n; c++) {
      if (wanted[c] != null) so = down ? Math.min(so, wanted[c].from()) : Math.max(so, wanted[c].to());
      if (also != null) so = down ? Math.min(so, also.edge(c)) : Math.max(so, also.edge(c));
      so = Math.max(span.from(), Math.min(span.to(), so));
      edges[c] = c == n - 1 ? down ? span.from() : span.to() : so;
    }
    return new Chunks(span, down, edges);
  }

  /** What stages {@code [from, to)} hand to later ones of this part, halo and all, and what was asked of the part. */
  private List<Rows> exports(int from, int to) {
    List<Rows> rows = new ArrayList<>();
    for (int t : cuts.exports(from, to)) {
      RowSpan span = readFrom(to, t) ? whole.band().rows(t).orElse(null) : null;
      if (span == null) span = asked(t);
      if (span != null) rows.add(new Rows(t, span));
    }
    rows.sort(Comparator.comparingInt(Rows::tensor));
    return rows;
  }

  /** Whether a stage of this part from {@code first} on reads {@code tensor}. */
  private boolean readFrom(int first, int tensor) {
    for (int s : cuts.readers(tensor)) if (s >= first && Collections.binarySearch(whole.stages(), s) >= 0) return true;
    return false;
  }

  private RowSpan asked(int tensor) {
    for (Rows r : whole.outputs()) if (r.tensor() == tensor) return r.span();
    return null;
  }
}
