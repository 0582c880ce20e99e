package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.RowSpan;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedPlannerTest {
  /** Deep enough that the exact halo is most of the picture. */
  private static final OperatorGraph DEEP = Graphs.chain(40, 224);

  private static Plan plan(Fleet fleet, int halo) {
    return new PublishedPlanner().plan(DEEP, fleet, PlanOptions.DEFAULT.withHalo(halo));
  }

  private static Fleet fleet() {
    return Fleets.robotAndEdges(DEEP, 1, 2e9, 15);
  }

  @Test
  void splitsAChainByRowsAndSaysThatATruncatedHaloIsNotExact() {
    Plan plan = plan(fleet(), PublishedPlanner.HALO);
    assertThat(plan.exact()).isFalse();
    assertThat(plan.tiles().stream().map(Tile::device).distinct()).contains(0, 1);
    assertThat(plan.tiles()).anyMatch(t -> t.halo() == PublishedPlanner.HALO);
  }

  @Test
  void bothSeeAtMostEightRowsOfTheInputBeyondTheirShare() {
    Plan plan = plan(fleet(), PublishedPlanner.HALO);
    for (Tile t : plan.tiles()) {
      if (t.halo() < 0) continue;
      for (Rows in : t.band(DEEP).inputs()) {
        int rows = DEEP.tensor(in.tensor()).rows();
        RowSpan share = new RowSpan((int) Math.round(t.horizon().from() * rows), (int) Math.round(t.horizon().to() * rows));
        assertThat(in.span().from()).isGreaterThanOrEqualTo(share.from() - 8);
        assertThat(in.span().to()).isLessThanOrEqualTo(share.to() + 8);
      }
    }
  }

  @Test
  void leavingTheHaloOutIsQuickerOnADeepNetwork() {
    assertThat(plan(fleet(), 8).predictedSeconds()).isLessThan(plan(fleet(), 1000).predictedSeconds());
    assertThat(plan(fleet(), 1000).exact()).isTrue();
    assertThat(plan(fleet(), -1).exact()).isTrue();
  }

  @Test
  void isNeverSlowerThanLocalOrAWholeTileOnTheServer() {
    for (double megabits : new double[] {1, 10, 100, 1000}) {
      Fleet fleet = Fleets.robotAndEdges(DEEP, 2, 2e9, megabits);
      Search search = new Search(DEEP, fleet, PlanOptions.DEFAULT);
      double whole = search.best(List.of(search.whole(0), search.whole(1))).seconds();
      assertThat(plan(fleet, -1).predictedSeconds()).as("%s Mbit/s", megabits).isLessThanOrEqualTo(whole * (1 + 1e-9));
    }
  }
}
