package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Tile;

/** A short name for what a plan does: equal for plans that do the same, whatever made them and whatever they promise. */
public final class PlanHash {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private long state = OFFSET;

  private PlanHash() {}

  /** 12 hex digits: FNV-1a over the devices, the tiles and a precision other than full. */
  public static String of(Plan plan) {
    PlanHash hash = new PlanHash();
    plan.devices().forEach(hash::add);
    for (Tile t : plan.tiles()) hash.add(t);
    if (plan.precision() != Precision.FP32) hash.add(plan.precision().word());
    return String.format("%016x", hash.state).substring(4);
  }

  private void add(Tile tile) {
    add(tile.device());
    add(tile.urgency());
    add(tile.stages().size());
    tile.stages().forEach(this::add);
    for (Rows r : tile.outputs()) {
      add(r.tensor());
      add(r.span().from());
      add(r.span().to());
    }
    add(tile.halo());
    add(Double.hashCode(tile.horizon().from()));
    add(Double.hashCode(tile.horizon().to()));
  }

  private void add(String text) {
    add(text.length());
    for (int i = 0; i < text.length(); i++) add(text.charAt(i));
  }

  private void add(int value) {
    for (int shift = 0; shift < 32; shift += 8) state = (state ^ (value >>> shift & 0xff)) * PRIME;
  }
}
