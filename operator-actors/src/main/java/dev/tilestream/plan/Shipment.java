package dev.tilestream.plan;

import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows that leave one producer for one device, once, however many tiles there need them. Where the needs of tiles overlap (halos of
 * neighbouring bands), the rows travel with the most urgent one, and the device hands them to all.
 *
 * @param device index in {@link Plan#devices}
 * @param urgency that of the most urgent tile among {@code tiles} whose rows these are; for an answer that of its maker
 * @param tiles that need at least one of these rows, ascending; or {@link Parcel#SINK} alone
 */
public record Shipment(Rows rows, int device, int urgency, List<Integer> tiles) {
  private static final Comparator<Shipment> BY_URGENCY = Comparator.comparingInt(Shipment::urgency);

  public Shipment {
    tiles = List.copyOf(tiles);
    if (tiles.isEmpty()) throw new IllegalArgumentException("shipment of %s: for no tile (expected: at least one)".formatted(rows));
  }

  /** What the source sends of the model's inputs, the most urgent first. */
  public static List<Shipment> fromSource(Plan plan, Routes routes) {
    return of(plan, Plan.SOURCE, 0, routes.fromSource());
  }

  /** What a tile sends of its outputs: to other devices first, because the air takes longest, then the most urgent first. */
  public static List<Shipment> fromTile(Plan plan, Routes routes, int tile) {
    Tile made = plan.tiles().get(tile);
    return of(plan, made.device(), made.urgency(), routes.fromTile().get(tile));
  }

  private static List<Shipment> of(Plan plan, int device, int sinkUrgency, List<Delivery> deliveries) {
    List<Shipment> out = new ArrayList<>(deliveries.size());
    List<Shipment> here = new ArrayList<>(deliveries.size());
    List<Delivery> away = new ArrayList<>();
    for (Delivery d : deliveries) {
      boolean sink = d.to() == Parcel.SINK;
      int to = sink ? Plan.SOURCE : device(plan, d);
      // Within a device rows go by reference: nothing is saved by sharing.
      if (!sink && to != device) {
        away.add(d);
        continue;
      }
      int urgency = sink ? sinkUrgency : plan.tiles().get(d.to()).urgency();
      (to == device ? here : out).add(new Shipment(d.rows(), to, urgency, List.of(d.to())));
    }
    away.sort(Comparator.comparingInt((Delivery d) -> device(plan, d)).thenComparingInt(d -> d.rows().tensor()));
    for (int from = 0, to; from < away.size(); from = to) {
      to = from + 1;
      while (to < away.size() && alike(plan, away.get(from), away.get(to))) to++;
      share(plan, device(plan, away.get(from)), away.subList(from, to), out);
    }
    out.sort(BY_URGENCY);
    here.sort(BY_URGENCY);
    out.addAll(here);
    return List.copyOf(out);
  }

  private static int device(Plan plan, Delivery delivery) {
    return plan.tiles().get(delivery.to()).device();
  }

  /** Whether both are rows of one tensor for one device. */
  private static boolean alike(Plan plan, Delivery a, Delivery b) {
    return a.rows().tensor() == b.rows().tensor() && device(plan, a) == device(plan, b);
  }

  /** Gives each row of one tensor to the most urgent of the tiles on a device that need it. */
  private static void share(Plan plan, int device, List<Delivery> needs, List<Shipment> out) {
    if (needs.size() == 1) {
      Delivery need = needs.get(0);
      out.add(new Shipment(need.rows(), device, plan.tiles().get(need.to()).urgency(), List.of(need.to())));
      return;
    }
    needs.sort(Comparator.comparingInt(Delivery::to));
    List<Delivery> byTile = List.copyOf(needs);
    needs.sort(Comparator.comparingInt((Delivery d) -> plan.tiles().get(d.to()).urgency()).thenComparingInt(Delivery::to));
    List<RowSpan> sent = new ArrayList<>();
    for (Delivery need : needs)
      for (RowSpan span : notYet(sent, need.rows().span())) {
        List<Integer> tiles = new ArrayList<>();
        for (Delivery d : byTile)
          if (d.rows().span().overlaps(span) && (tiles.isEmpty() || tiles.get(tiles.size() - 1) != d.to())) tiles.add(d.to());
        out.add(new Shipment(new Rows(need.rows().tensor(), span), device, plan.tiles().get(need.to()).urgency(), tiles));
      }
  }

  /** What of {@code span} is not in {@code sent}, in ascending spans, and now is; {@code sent} is ascending, its spans apart. */
  private static List<RowSpan> notYet(List<RowSpan> sent, RowSpan span) {
    int first = 0;
    while (first < sent.size() && sent.get(first).to() < span.from()) first++;
    int last = first;
    RowSpan merged = span;
    List<RowSpan> open = new ArrayList<>(2);
    int next = span.from();
    for (; last < sent.size() && sent.get(last).from() <= span.to(); last++) {
      RowSpan s = sent.get(last);
      if (next < s.from()) open.add(new RowSpan(next, Math.min(s.from(), span.to())));
      next = Math.max(next, s.to());
      merged = merged.hull(s);
    }
    if (next < span.to()) open.add(new RowSpan(next, span.to()));
    if (!open.isEmpty()) {
      sent.subList(first, last).clear();
      sent.add(first, merged);
    }
    return open;
  }

  /** What a parcel of these rows is addressed to: the one tile, or {@link Parcel#ALL}. */
  public int address() {
    return tiles.size() == 1 ? tiles.get(0) : Parcel.ALL;
  }
}
