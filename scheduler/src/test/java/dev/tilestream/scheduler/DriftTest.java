package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DriftTest {
  private final OperatorGraph graph = Graphs.chain(3, 16);
  private final Fleet then = Fleets.robotAndEdges(graph, 2, 1e9, 93);

  private Drift to(Fleet now) {
    return Drift.between(then, now, false);
  }

  private Fleet linked(double first, double second, double delayMillis) {
    LinkEstimate a = LinkEstimate.ofMegabits(first, delayMillis);
    LinkEstimate b = LinkEstimate.ofMegabits(second, 1);
    return new Fleet(then.devices(), List.of(List.of(a, a, b), List.of(a, a, b), List.of(b, b, b)), Medium.PER_LINK);
  }

  @Test
  void ratesThatChangeAlikeAreAFactorAndNoReasonToPlanAnew() {
    Drift drift = to(then.withRates(0.25));
    assertThat(drift.factor()).isCloseTo(0.25, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(drift.reasons()).isEmpty();
  }

  @Test
  void aLinkThatChangesAloneIsAReason() {
    assertThat(to(linked(93, 20, 1)).reasons()).contains("another rate to edge-1");
    assertThat(to(linked(93, 80, 1)).reasons()).isEmpty();
  }

  @Test
  void aRateThatNobodyIsSureOfIsNone() {
    assertThat(to(unsure(0.3)).reasons()).contains("another rate to edge-1");
    assertThat(to(unsure(0.5)).reasons()).isEmpty();
  }

  private Fleet unsure(double deviation) {
    Fleet now = linked(93, 20, 1);
    List<List<LinkEstimate>> links = now.links().stream().map(row -> row.stream()
        .map(l -> new LinkEstimate(l.bytesPerSecond(), l.delaySeconds(), l.messageSeconds(), deviation, l.delayDeviationSeconds())).toList()).toList();
    return new Fleet(now.devices(), links, now.medium());
  }

  @Test
  void anotherDelayAnotherWaitAnotherSpeedAndOtherDevicesAreReasons() {
    assertThat(to(linked(93, 93, 20)).reasons()).containsExactly("another delay to edge-1");
    assertThat(to(then.waiting(List.of(0.0, 0.05, 0.0))).reasons()).containsExactly("another wait at edge-1");
    List<DeviceProfile> slower = new ArrayList<>(then.devices());
    slower.set(2, slower.get(2).slower(1.3));
    Drift speed = to(new Fleet(slower, then.links(), then.medium()));
    assertThat(speed.reasons()).containsExactly("another speed of edge-2");
    assertThat(speed.speeds()).containsExactly("edge-2");
    assertThat(to(then.part(List.of(0, 1))).devices()).isTrue();
  }

  @Test
  void aDeviceThatDriftsHidesNoOther() {
    List<DeviceProfile> slower = new ArrayList<>(then.devices());
    slower.set(0, slower.get(0).slower(2));
    slower.set(2, slower.get(2).slower(2));
    Fleet now = new Fleet(slower, then.links(), then.medium()).waiting(List.of(0.0, 0.05, 0.0));
    assertThat(to(now).reasons()).containsExactly("another speed of robot-1", "another wait at edge-1", "another speed of edge-2");
  }

  @Test
  void whatTheSourceDrawsMattersToPlansThatSave() {
    List<DeviceProfile> hungrier = new ArrayList<>(then.devices());
    hungrier.set(0, hungrier.get(0).with(new Power(4.8, 20, 5.6, 5.2)));
    Fleet now = new Fleet(hungrier, then.links(), then.medium());
    assertThat(to(now).reasons()).isEmpty();
    assertThat(Drift.between(then, now, true).reasons()).containsExactly("another power of robot-1");
  }
}
