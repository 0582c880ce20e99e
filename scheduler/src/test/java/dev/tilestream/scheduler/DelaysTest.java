package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Rows;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.simulate.Timetable;
import dev.tilestream.scheduler.simulate.Timetable.Call;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DelaysTest {
  private static final long MILLI = 1_000_000;
  private static final long START = -50 * MILLI;
  private static final long FLOOR = 20 * MILLI;
  private static final Rows HALF = new Rows(7, RowSpan.of(0, 10));
  private static final Rows REST = new Rows(7, RowSpan.of(10, 20));

  /** The edge has 100 bytes after 10 ms and 200 after 20, and sends rows back after 60 and 80 ms; the helper sends some after 40. */
  private static final Timetable TIMETABLE = new Timetable(
      List.of(
          List.of(),
          List.of(sent(0.010, 100), sent(0.020, 200), back(0.060, HALF), back(0.080, REST)),
          List.of(back(0.040, new Rows(3, RowSpan.first(1))))),
      0.080);

  private final Delays delays = new Delays(TIMETABLE, List.of("robot", "edge", "helper"), Collections.nCopies(3, new Delays.Margin(0.5, 0)), START, FLOOR);
  private final List<Rows> came = new ArrayList<>();
  private long delivered;

  private static Call sent(double seconds, long bytes) {
    return new Call(seconds, bytes, Optional.empty());
  }

  private static Call back(double seconds, Rows rows) {
    return new Call(seconds, 0, Optional.of(rows));
  }

  private Set<String> late(double millis, double stretch) {
    return delays.late(came::contains, device -> delivered, stretch, START + (long) (millis * MILLI));
  }

  private Set<String> late(double millis) {
    return late(millis, 1);
  }

  @Test
  void whoSendsNothingBackInTimeIsLate() {
    delivered = 200;
    assertThat(late(20)).isEmpty();
    assertThat(late(79)).isEmpty();
    // 40 ms after the start, by half of that and the floor.
    assertThat(late(81)).containsExactly("helper");
  }

  @Test
  void aWayThatTakesNothingIsNoticedLongBeforeRowsAreDue() {
    came.add(new Rows(3, RowSpan.first(1)));
    assertThat(late(34)).isEmpty();
    assertThat(late(36)).containsExactly("edge");
  }

  @Test
  void whatCameLateHoldsUpWhatComesAfterIt() {
    came.add(new Rows(3, RowSpan.first(1)));
    delivered = 200;
    assertThat(late(50)).isEmpty();
    came.add(HALF);
    assertThat(late(100)).isEmpty();
    // 20 ms after what was noticed at 100, by half of that and the floor.
    assertThat(late(149)).isEmpty();
    assertThat(late(151)).containsExactly("edge");
    came.add(REST);
    assertThat(late(1000)).isEmpty();
  }

  @Test
  void whatComesBeforeItsTimeIsNoReasonToExpectTheNextSooner() {
    came.add(new Rows(3, RowSpan.first(1)));
    delivered = 200;
    came.add(HALF);
    assertThat(late(5)).isEmpty();
    assertThat(late(109)).isEmpty();
    assertThat(late(111)).containsExactly("edge");
  }

  @Test
  void everythingMayTakeLongerWhenOthersAreUnderWay() {
    came.add(new Rows(3, RowSpan.first(1)));
    delivered = 200;
    assertThat(late(10, 3)).isEmpty();
    assertThat(late(200, 3)).isEmpty();
    assertThat(late(270, 3)).containsExactly("edge");
  }

  @Test
  void theSurerALinkIsTheSoonerItIsLate() {
    Delays.Margin sure = Delays.Margin.of(LinkEstimate.ofMegabits(93, 1));
    assertThat(sure.share()).as("what kernels and queues swing by").isEqualTo(0.2);
    assertThat(sure.seconds()).isZero();
    Delays.Margin unsure = Delays.Margin.of(new LinkEstimate(1e7, 1e-3, 0, 0.3, 0.01));
    assertThat(unsure.share()).isEqualTo(0.6);
    assertThat(unsure.seconds()).isEqualTo(0.02);
    Delays.Margin wild = Delays.Margin.of(new LinkEstimate(1e7, 1e-3, 0, 30, 10));
    assertThat(wild.share()).as("bounded").isEqualTo(1);
    assertThat(wild.seconds()).isEqualTo(0.1);
  }
}
