package dev.tilestream.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tile.BoxGraph;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShipmentTest {
  private static final int ROWS = 40;
  private final OperatorGraph graph = BoxGraph.chain(4, 1, ROWS, 4);

  /** The first two stages in bands on device 1, the others whole on the source. */
  private Plan banded(int... bounds) {
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i + 1 < bounds.length; i++)
      tiles.add(new Tile(i, 1, List.of(0, 1), List.of(new Rows(2, new RowSpan(bounds[i], bounds[i + 1]))), i));
    tiles.add(new Tile(tiles.size(), 0, List.of(2, 3), List.of(new Rows(4, RowSpan.first(ROWS))), 50));
    return new Plan(graph.hash(), Strategy.OFFLOAD, List.of("robot", "edge"), tiles, Double.NaN, Double.NaN, true);
  }

  @Test
  void rowsThatNeighbouringBandsShareTravelOnceWithTheMoreUrgent() {
    Plan plan = banded(0, 10, 20, 40);
    assertThat(Shipment.fromSource(plan, Routes.of(graph, plan)))
        .containsExactly(
            new Shipment(new Rows(0, new RowSpan(0, 12)), 1, 0, List.of(0, 1)),
            new Shipment(new Rows(0, new RowSpan(12, 22)), 1, 1, List.of(1, 2)),
            new Shipment(new Rows(0, new RowSpan(22, 40)), 1, 2, List.of(2)));
  }

  @Test
  void rowsWithinADeviceAndAnswersAreNotShared() {
    Plan plan = banded(0, 20, 40);
    Routes routes = Routes.of(graph, plan);
    assertThat(Shipment.fromTile(plan, routes, 0)).containsExactly(new Shipment(new Rows(2, new RowSpan(0, 20)), 0, 50, List.of(2)));
    assertThat(Shipment.fromTile(plan, routes, 2)).containsExactly(new Shipment(new Rows(4, RowSpan.first(ROWS)), 0, 50, List.of(Parcel.SINK)));
  }

  @Test
  void otherDevicesAreServedFirst() {
    Plan plan = BoxGraph.even(graph, "robot", "edge");
    List<Shipment> sent = Shipment.fromTile(plan, Routes.of(graph, plan), 0);
    assertThat(sent).extracting(Shipment::device).containsExactly(1, 0);
    assertThat(sent.get(0).rows().span()).isEqualTo(new RowSpan(19, 20));
  }

  @Test
  void everyTileGetsItsRowsAndNoRowTravelsTwiceForAnyBands() {
    Random random = new Random(11);
    for (int n = 0; n < 200; n++) {
      int[] cuts = random.ints(random.nextInt(6), 1, ROWS).distinct().sorted().toArray();
      int[] bounds = new int[cuts.length + 2];
      System.arraycopy(cuts, 0, bounds, 1, cuts.length);
      bounds[bounds.length - 1] = ROWS;
      Plan plan = banded(bounds);
      Routes routes = Routes.of(graph, plan);
      List<Shipment> sent = Shipment.fromSource(plan, routes);
      assertThat(sent.stream().mapToInt(s -> s.rows().span().rows()).sum()).isEqualTo(ROWS);
      for (Delivery need : routes.fromSource()) {
        BitSet got = new BitSet();
        for (Shipment s : sent) if (s.tiles().contains(need.to())) got.set(s.rows().span().from(), s.rows().span().to());
        assertThat(got.nextClearBit(need.rows().span().from())).isGreaterThanOrEqualTo(need.rows().span().to());
      }
    }
  }
}
