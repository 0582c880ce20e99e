package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.plan.Tile;
import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.RowSpan;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimingLogTest {
  private static final DeploymentId DEPLOYMENT = new DeploymentId(1, 1);
  private final TimingLog log = new TimingLog();

  private void ran(long inference, int tile, boolean failed) {
    Tile what = new Tile(tile, 0, List.of(tile), List.of(new Rows(0, RowSpan.first(1))), 0);
    TileTiming timing = new TileTiming(DEPLOYMENT, tile, new InferenceId(1, inference), 0, 1, 2);
    log.add(timing, new TileTask(DEPLOYMENT, what, null, List.of(), null, null, Optional.empty(), null), failed);
  }

  private List<Integer> drained() {
    return log.drain().stream().map(r -> r.timing().tile()).toList();
  }

  @Test
  void eachRunIsHandedOutOnceFromTheFirstCallOn() {
    ran(1, 0, false);
    assertThat(drained()).as("nobody had asked").isEmpty();
    ran(1, 1, false);
    ran(2, 2, false);
    assertThat(drained()).containsExactly(1, 2);
    assertThat(drained()).isEmpty();
    ran(2, 3, false);
    assertThat(drained()).containsExactly(3);
  }

  @Test
  void failedRunsTellNothingOfSpeedButBelongToTheTimeline() {
    log.drain();
    ran(1, 0, true);
    assertThat(drained()).isEmpty();
    assertThat(log.of(new InferenceId(1, 1))).hasSize(1);
  }

  @Test
  void whatNobodyFetchesIsBounded() {
    log.drain();
    for (int n = 0; n < 20_000; n++) ran(n, n, false);
    List<Integer> left = drained();
    assertThat(left).hasSizeLessThan(10_000).last().isEqualTo(19_999);
  }
}
