package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import dev.tilestream.tensor.RowSpan;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceProfileTest {
  private static DeviceProfile flat(OperatorGraph graph, double fusedRatio) {
    List<StageTime> stages = graph.stages().stream().map(s -> StageTime.linear(0, 1)).toList();
    return new DeviceProfile("robot-1", graph.hash(), stages, fusedRatio, 0, Power.ROBOT);
  }

  @Test
  void timesLieOnLinesBetweenMeasuredPoints() {
    StageTime t = new StageTime(new double[] {0.1, 0.5, 1}, new double[] {2, 4, 10});
    assertThat(t.at(0.1)).isEqualTo(2, within(1e-12));
    assertThat(t.at(0.3)).isEqualTo(3, within(1e-12));
    assertThat(t.at(0.75)).isEqualTo(7, within(1e-12));
    assertThat(t.at(1)).isEqualTo(10);
    assertThat(t.at(0)).isEqualTo(1.5, within(1e-12));
  }

  @Test
  void timesDoNotRiseTowardsFewerRowsThanMeasured() {
    StageTime t = new StageTime(new double[] {0.1, 0.5, 1}, new double[] {7, 6, 10});
    assertThat(t.at(0.01)).isEqualTo(7);
  }

  @Test
  void floorAndSlopeAreTwoPoints() {
    assertThat(StageTime.linear(1, 3).at(0.25)).isEqualTo(1.5, within(1e-12));
  }

  @Test
  void aTableOutOfOrderIsRefused() {
    assertThatThrownBy(() -> new StageTime(new double[] {0.5, 0.2, 1}, new double[] {1, 1, 1})).hasMessageContaining("ascending");
    assertThatThrownBy(() -> new StageTime(new double[] {0.5}, new double[] {1})).hasMessageContaining("the last is 1");
    assertThatThrownBy(() -> new StageTime(new double[] {1}, new double[] {Double.NaN})).hasMessageContaining("finite");
  }

  @Test
  void aTileOfAllStagesTakesTheFusedTime() {
    OperatorGraph graph = Graphs.chain(4, 20);
    List<Integer> all = List.of(0, 1, 2, 3);
    Band band = Band.of(graph, all, List.of(new Rows(4, RowSpan.first(20))));
    assertThat(flat(graph, 0.7).tileSeconds(band, all)).isEqualTo(4 * 0.7, within(1e-12));
  }

  @Test
  void aTileOfOneStageGainsNothingFromFusion() {
    OperatorGraph graph = Graphs.chain(4, 20);
    Band band = Band.of(graph, List.of(1), List.of(new Rows(2, RowSpan.first(20))));
    assertThat(flat(graph, 0.7).tileSeconds(band, List.of(1))).isEqualTo(1, within(1e-12));
  }

  @Test
  void aBandPaysForTheHaloItRecomputes() {
    OperatorGraph graph = Graphs.chain(4, 20);
    List<Integer> all = List.of(0, 1, 2, 3);
    Band half = Band.of(graph, all, List.of(new Rows(4, RowSpan.first(10))));
    // 3x3 convolutions: 10, 11, 12 and 13 of 20 rows.
    assertThat(flat(graph, 1).tileSeconds(half, all)).isEqualTo((10 + 11 + 12 + 13) / 20.0, within(1e-12));
  }

  @Test
  void aChangeIsHowMuchTheTimesOfStagesDiffer() {
    DeviceProfile p = flat(Graphs.chain(4, 20), 0.5);
    assertThat(p.change(p)).isZero();
    assertThat(p.slower(2).change(p)).isEqualTo(1, within(1e-12));
    assertThat(p.slower(0.5).change(p)).isEqualTo(0.5, within(1e-12));
    assertThat(flat(Graphs.chain(3, 20), 0.5).change(p)).isInfinite();
  }

  @Test
  void profilesSurviveTheWire() throws Exception {
    OperatorGraph graph = Graphs.chain(4, 20);
    DeviceProfile profile = Fleets.device("edge-1", graph, 1e9, 1e-5);
    ObjectMapper cbor = new CBORMapper().registerModule(new ParameterNamesModule());
    assertThat(cbor.readValue(cbor.writeValueAsBytes(profile), DeviceProfile.class)).isEqualTo(profile);
    LinkEstimate link = LinkEstimate.ofMegabits(93, 1);
    assertThat(cbor.readValue(cbor.writeValueAsBytes(link), LinkEstimate.class)).isEqualTo(link);
  }

  @Test
  void aFleetKnowsWhatIsMissing() {
    OperatorGraph graph = Graphs.chain(4, 20);
    DeviceProfile d = Fleets.device("d", graph, 1e9, 0);
    assertThatThrownBy(() -> Fleet.uniform(List.of(d, d), LinkEstimate.ofMegabits(1, 0))).hasMessageContaining("distinct");
    assertThatThrownBy(() -> Fleet.uniform(List.of(), LinkEstimate.ofMegabits(1, 0))).hasMessageContaining("no device");
    assertThatThrownBy(() -> new Fleet(List.of(d), List.of(), Medium.PER_LINK)).hasMessageContaining("1 x 1");
  }
}
