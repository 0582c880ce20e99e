package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnswerPaceTest {
  private static final long MILLI = 1_000_000;
  private final AnswerPace pace = new AnswerPace();
  private long now;

  private void after(long millis) {
    now += millis * MILLI;
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswer() {
    pace.begun(now);
    assertThat(pace.toServe(100)).isZero();
  }

  @Test
  void inferencesThatOverlapFollowEachOtherFasterThanEachTakes() {
    for (int i = 0; i < 4; i++) pace.begun(now);
    for (int i = 0; i < 40; i++) {
      after(25);
      pace.answered(now);
      pace.begun(now);
    }
    assertThat(pace.toServe(8).toMillis()).isEqualTo(200);
  }

  @Test
  void pausesInWhichNothingIsUnderWayDoNotCount() {
    for (int i = 0; i < 40; i++) {
      after(10_000);
      pace.begun(now);
      after(30);
      pace.answered(now);
    }
    assertThat(pace.toServe(1)).isEqualTo(Duration.ofMillis(30));
  }

  @Test
  void whatIsSlowOnlyAtFirstIsNotBelieved() {
    for (int millis : new int[] {900, 400, 30, 40}) {
      pace.begun(now);
      after(millis);
      pace.answered(now);
    }
    assertThat(pace.toServe(10)).isEqualTo(Duration.ofMillis(300));
  }

  @Test
  void failuresSayNothingAndChangesAreFollowed() {
    pace.begun(now);
    for (int i = 0; i < 50; i++) {
      pace.begun(now);
      pace.failed();
    }
    after(30);
    pace.answered(now);
    assertThat(pace.toServe(1)).isEqualTo(Duration.ofMillis(30));
    pace.begun(now);
    for (int i = 0; i < 64; i++) {
      after(60);
      pace.begun(now);
      pace.answered(now);
    }
    assertThat(pace.toServe(1).toMillis()).isCloseTo(60, within(3L));
  }
}
