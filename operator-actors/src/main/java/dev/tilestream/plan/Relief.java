package dev.tilestream.plan;

import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.Parcel;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which tiles of other devices a source has to compute itself once it has given some of these devices up, worked out from what they owe.
 *
 * @param devices of each tile
 * @param owes what each tile sends to others
 */
public record Relief(List<Integer> devices, List<List<Delivery>> owes) {
  public Relief {
    devices = List.copyOf(devices);
    owes = owes.stream().map(List::copyOf).toList();
  }

  public static Relief of(Plan plan, Routes routes) {
    return new Relief(plan.tiles().stream().map(Tile::device).toList(), routes.fromTile());
  }

  /**
   * Tiles of {@code lost} devices that owe something which is not here yet, and all tiles of other devices that these take rows from: what
   * went from there to a lost device is lost with it. Rows that the source itself sent are not: it has kept them.
   *
   * @param lost indices in {@link Plan#devices}, the source not among them
   * @param arrived whether the source has these rows from others
   * @return ids of tiles that are not the source's own, ascending; may be all of them, or none
   */
  public Set<Integer> tiles(Set<Integer> lost, Predicate<Rows> arrived) {
    BitSet needed = new BitSet(devices.size());
    for (int t = devices.size() - 1; t >= 0; t--) {
      int device = devices.get(t);
      if (device == Plan.SOURCE) continue;
      for (Delivery d : owes.get(t))
        if (owed(d, lost.contains(device), lost, needed, arrived)) {
          needed.set(t);
          break;
        }
    }
    return new TreeSet<>(needed.stream().boxed().toList());
  }

  private boolean owed(Delivery d, boolean makerLost, Set<Integer> lost, BitSet needed, Predicate<Rows> arrived) {
    if (d.to() != Parcel.SINK && needed.get(d.to())) return true;
    if (!makerLost) return false;
    if (d.to() == Parcel.SINK || devices.get(d.to()) == Plan.SOURCE) return !arrived.test(d.rows());
    // Between two other devices nobody here knows what has come across.
    return !lost.contains(devices.get(d.to()));
  }
}
