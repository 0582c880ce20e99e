package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SuspicionTest {
  private static final long SECOND = 1_000_000_000L;

  private final Suspicion suspicion = new Suspicion(Duration.ofSeconds(2));

  @Test
  void nobodyIsSuspectedAtFirst() {
    assertThat(suspicion.active(-5 * SECOND)).isFalse();
  }

  @Test
  void itLastsForItsTimeHoweverOftenItIsRaisedMeanwhile() {
    suspicion.raise(0);
    suspicion.raise(SECOND);
    assertThat(suspicion.active(2 * SECOND - 1)).isTrue();
    assertThat(suspicion.active(2 * SECOND)).isFalse();
  }

  @Test
  void oneThatFollowsSoonLastsTwiceAsLongUpToSixteenTimes() {
    long now = 0;
    for (int times : new int[] {1, 2, 4, 8, 16, 16}) {
      suspicion.raise(now);
      now += 2 * times * SECOND;
      assertThat(suspicion.active(now - 1)).as("%d times", times).isTrue();
      assertThat(suspicion.active(now)).as("%d times", times).isFalse();
      now += SECOND;
    }
  }

  @Test
  void whenOtherDevicesAreThereALongOneEndsSoonButIsRemembered() {
    suspicion.raise(0);
    suspicion.raise(3 * SECOND);
    suspicion.raise(8 * SECOND);
    suspicion.shorten(9 * SECOND);
    assertThat(suspicion.active(11 * SECOND - 1)).isTrue();
    assertThat(suspicion.active(11 * SECOND)).isFalse();
    suspicion.shorten(12 * SECOND);
    assertThat(suspicion.active(12 * SECOND)).isFalse();
    suspicion.raise(12 * SECOND);
    assertThat(suspicion.active(28 * SECOND - 1)).isTrue();
  }

  @Test
  void afterAQuietTimeItBeginsAnew() {
    suspicion.raise(0);
    suspicion.raise(3 * SECOND);
    suspicion.raise(40 * SECOND);
    assertThat(suspicion.active(42 * SECOND - 1)).isTrue();
    assertThat(suspicion.active(42 * SECOND)).isFalse();
  }

  @Test
  void isRememberedForAWhile() {
    assertThat(suspicion.recent(0, Duration.ofSeconds(60))).isFalse();
    suspicion.raise(0);
    assertThat(suspicion.recent(SECOND, Duration.ofSeconds(60))).isTrue();
    assertThat(suspicion.recent(62 * SECOND - 1, Duration.ofSeconds(60))).isTrue();
    assertThat(suspicion.recent(62 * SECOND, Duration.ofSeconds(60))).isFalse();
  }

  @Test
  void isRaisedByThreeThatWereLateInARow() {
    suspicion.doubt(0);
    suspicion.doubt(0);
    suspicion.trust();
    suspicion.doubt(0);
    suspicion.doubt(0);
    assertThat(suspicion.active(1)).isFalse();
    suspicion.doubt(0);
    assertThat(suspicion.active(1)).isTrue();
  }
}
