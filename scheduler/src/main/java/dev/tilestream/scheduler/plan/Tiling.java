package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.PartCut.Cutting;
import dev.tilestream.scheduler.plan.PartCut.Taken;
import dev.tilestream.scheduler.plan.Pieces.Piece;
import dev.tilestream.scheduler.simulate.Workload;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns layouts into tiles. Keeps what it learned of the graph, so make one for a whole search. Not thread-safe. */
final class Tiling {
  /** Tiles in dependency order, and the piece that each is. */
  record Tiled(List<Tile> tiles, List<Piece> pieces) {}

  /** A tile to be: chunk {@code chunk} of {@code chunks}. */
  record Draft(int segment, int chunk, int chunks, int device, Piece piece, Horizon horizon) {
    /** How far its chunk gets through the rows. */
    double progress() {
      return chunks == 1 ? 0.5 : Math.max(0, Math.min(1, (chunk + 1) / (double) chunks));
    }
  }

  private static final int REMEMBERED = 512;

  private record Pulled(Piece whole, Streaming streaming) {}

  private final OperatorGraph graph;
  private final Cuts cuts;
  private final Pieces pieces;
  private final Reach reach;
  private final Map<Pulled, Cutting> pulled = new Latest<>(REMEMBERED);
  private final int halo;

  /** @param halo as {@link PlanOptions#halo} */
  Tiling(OperatorGraph graph, Cuts cuts, int halo) {
    this.graph = graph;
    this.cuts = cuts;
    this.halo = halo;
    pieces = new Pieces(graph);
    reach = new Reach(graph);
  }

  Tiled tiles(Layout layout) {
    List<Piece[]> wholes = wholes(layout);
    List<Draft> drafts = new ArrayList<>();
    Streams streams = new Streams();
    for (int i = 0; i < layout.segments().size(); i++) {
      Segment segment = layout.segments().get(i);
      for (int d : segment.users()) {
        Piece whole = wholes.get(i)[d];
        if (whole == null) continue;
        for (Taken t : cutting(segment, d, whole, streams).tiles())
          drafts.add(new Draft(i, t.chunk(), t.chunks(), d, t.piece(), horizon(segment, d)));
      }
    }
    return number(drafts, layout.order());
  }

  /** What is pulled follows nobody's chunks, so it is the same in every layout. */
  private Cutting cutting(Segment segment, int d, Piece whole, Streams streams) {
    Pulled key = new Pulled(whole, segment.part(d).streaming());
    Cutting cutting = key.streaming.pull() ? pulled.get(key) : null;
    if (cutting == null) {
      cutting = new PartCut(graph, cuts, pieces, reach, segment, d, whole, horizon(segment, d), streams).cut();
      if (key.streaming.pull()) pulled.put(key, cutting);
    }
    cutting.made().forEach((tensor, chunks) -> streams.put(d, tensor, chunks));
    return cutting;
  }

  /** Chunks of tensors by maker, so that parts behind can follow. */
  static final class Streams {
    private final Map<Integer, Map<Integer, Chunks>> made = new HashMap<>();

    void put(int device, int tensor, Chunks chunks) {
      made.computeIfAbsent(tensor, t -> new HashMap<>()).put(device, chunks);
    }

    /** Chunks of {@code tensor} that {@code device} can follow: its own, or those of the only device that makes it in chunks. */
    Chunks of(int device, int tensor) {
      Map<Integer, Chunks> by = made.get(tensor);
      if (by == null) return null;
      Chunks own = by.get(device);
      return own != null ? own : by.size() == 1 ? by.values().iterator().next() : null;
    }
  }

  private Horizon horizon(Segment segment, int d) {
    Part p = segment.part(d);
    return p.shares() ? Horizon.of(p.from(), p.to(), halo) : Horizon.EXACT;
  }

  /**
   * By segment and device what each is to make: its share, as far as anybody needs it, and what it needs itself if it is to; null for
   * nothing.
   */
  private List<Piece[]> wholes(Layout layout) {
    int devices = layout.segments().isEmpty() ? 0 : layout.segments().get(0).devices();
    List<Map<Integer, RowSpan>> needs = new ArrayList<>();
    for (int d = 0; d < devices; d++) needs.add(new HashMap<>());
    List<Piece[]> wholes = new ArrayList<>();
    for (int i = layout.segments().size() - 1; i >= 0; i--) {
      Segment segment = layout.segments().get(i);
      List<Integer> exports = cuts.exports(segment.from(), segment.to());
      Piece[] made = new Piece[devices];
      for (int d = 0; d < devices; d++) {
        List<Rows> rows = segment.uses(d) ? outputs(segment, d, exports, needs) : List.of();
        if (!rows.isEmpty()) made[d] = pieces.of(segment.from(), segment.to(), rows, horizon(segment, d));
      }
      for (int d = 0; d < devices; d++)
        if (made[d] != null) for (Rows in : made[d].band().inputs()) needs.get(d).merge(in.tensor(), in.span(), RowSpan::hull);
      wholes.add(0, made);
    }
    return wholes;
  }

  private List<Rows> outputs(Segment segment, int device, List<Integer> exports, List<Map<Integer, RowSpan>> needs) {
    List<Rows> rows = new ArrayList<>();
    for (int t : exports) {
      RowSpan wanted = cuts.answer(t) ? graph.tensor(t).all() : null;
      for (int d = 0; d < needs.size(); d++) {
        RowSpan need = needs.get(d).get(t);
        if (need != null && (d == device || !owned(segment.part(d), t, need))) wanted = hull(wanted, need);
      }
      if (wanted == null) continue;
      RowSpan span = share(segment.part(device), t);
      if (span != null) span = span.intersection(wanted).orElse(null);
      RowSpan need = needs.get(device).get(t);
      if (need != null && owned(segment.part(device), t, need)) span = hull(span, need);
      if (span != null) rows.add(new Rows(t, span));
    }
    return rows;
  }

  private RowSpan share(Part part, int t) {
    int all = graph.tensor(t).rows();
    int from = (int) Math.round(part.from() * all);
    int to = (int) Math.round(part.to() * all);
    return from < to ? new RowSpan(from, to) : null;
  }

  /** Whether a device makes all that it needs of {@code t} itself. */
  private boolean owned(Part part, int t, RowSpan need) {
    if (part.own() == 0 || graph.tensor(t).type() != null && Workload.bytes(graph.tensor(t), graph.tensor(t).rows()) < part.least())
      return false;
    RowSpan share = share(part, t);
    int beyond = share == null ? need.rows() : Math.max(share.from() - need.from(), need.to() - share.to());
    return beyond <= part.own() * graph.tensor(t).rows();
  }

  private static RowSpan hull(RowSpan a, RowSpan b) {
    return a == null ? b : b == null ? a : a.hull(b);
  }

  private static int compare(Draft a, Draft b, Layout.Order order) {
    int byProgress = order == Layout.Order.CHUNKS ? Double.compare(a.progress(), b.progress()) : 0;
    if (byProgress != 0) return byProgress;
    return a.segment != b.segment ? Integer.compare(a.segment, b.segment) : Integer.compare(a.chunk, b.chunk);
  }

  private static Tiled number(List<Draft> drafts, Layout.Order order) {
    Integer[] sorted = new Integer[drafts.size()];
    Arrays.setAll(sorted, i -> i);
    Arrays.sort(sorted, (a, b) -> compare(drafts.get(a), drafts.get(b), order));
    int[] urgency = new int[sorted.length];
    for (int i = 0; i < sorted.length; i++) urgency[sorted[i]] = i;
    List<Tile> tiles = new ArrayList<>();
    List<Piece> pieces = new ArrayList<>();
    for (Draft d : drafts) {
      tiles.add(new Tile(tiles.size(), d.device, d.piece.stages(), d.piece.outputs(), urgency[tiles.size()], d.horizon));
      pieces.add(d.piece);
    }
    return new Tiled(tiles, pieces);
  }
}
