package dev.tilestream.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.fault.Asked.Outcome;
import dev.tilestream.fault.FaultOutcome.Yardstick;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultOutcomeTest {
  private static final Yardstick LOCAL_100 = new Yardstick(100, Duration.ofMillis(500));

  private static Asked asked(long fromMillis, long toMillis, Outcome outcome) {
    String why = outcome == Outcome.RIGHT ? "" : "why";
    return new Asked(fromMillis * 1_000_000, toMillis * 1_000_000, "hybrid", outcome, List.of("robot-1"), why);
  }

  private static Inflicted fault(FaultKind kind, long fromMillis, long toMillis, boolean kept) {
    return new Inflicted(kind, "edge-1", fromMillis * 1_000_000, toMillis * 1_000_000, true, kept);
  }

  private static final List<Asked> ASKED = List.of(
      asked(0, 50, Outcome.RIGHT), asked(950, 1700, Outcome.RIGHT), asked(1100, 1200, Outcome.RIGHT), asked(1300, 1300, Outcome.WRONG),
      asked(2500, 2600, Outcome.LOST), asked(5000, 5100, Outcome.RIGHT));

  @Test
  void requestsAreJudgedFromTheFirstFaultOn() {
    FaultOutcome outcome = FaultOutcome.of(
        FaultKind.PAUSE, "here", LOCAL_100, ASKED.subList(0, 1), ASKED, List.of(fault(FaultKind.PAUSE, 1000, 2000, true)));
    assertThat(outcome.requests()).isEqualTo(5);
    assertThat(outcome.lost()).isEqualTo(1);
    assertThat(outcome.wrong()).isEqualTo(1);
    assertThat(outcome.why()).containsExactly("why");
    assertThat(outcome.calm().median()).isEqualTo(0.5);
    assertThat(outcome.struck().count()).isEqualTo(1);
    assertThat(outcome.struck().max()).isEqualTo(7.5);
    assertThat(outcome.touched().count()).isEqualTo(2);
    assertThat(outcome.touched().median()).isEqualTo(1.0);
    assertThat(outcome.beyond()).as("longer than 600 ms").isEqualTo(1);
    assertThat(outcome.worstMillis()).isEqualTo(750);
    assertThat(outcome.good()).isFalse();
  }

  @Test
  void whoWasOnlySilentMustStayAMemberAndWhoDiedNeedNot() {
    List<Asked> right = List.of(asked(900, 1100, Outcome.RIGHT));
    List<Inflicted> paused = List.of(fault(FaultKind.PAUSE, 1000, 2000, false));
    assertThat(FaultOutcome.of(FaultKind.PAUSE, "here", LOCAL_100, right, right, paused).good()).isFalse();
    List<Inflicted> killed = List.of(fault(FaultKind.KILL, 1000, 2000, false));
    assertThat(FaultOutcome.of(FaultKind.KILL, "here", LOCAL_100, right, right, killed).good()).isTrue();
  }
}
