package dev.tilestream.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration CALM = Duration.ofMinutes(2);
  private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5), CALM);

  @Test
  void pausesDoubleUpToTheLongest() {
    assertThat(backoff.pause(0, 0.5)).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.pause(0, 0.5)).isEqualTo(Duration.ofSeconds(2));
    assertThat(backoff.pause(0, 0.5)).isEqualTo(Duration.ofSeconds(4));
    assertThat(backoff.pause(0, 0.5)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void theyAreSpreadAroundTheirLength() {
    assertThat(backoff.pause(0, 0)).isEqualTo(Duration.ofMillis(500));
    assertThat(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5), CALM).pause(0, 0.999)).isBetween(Duration.ofMillis(1498), Duration.ofMillis(1500));
  }

  @Test
  void afterACalmTimeTheyAreShortAgain() {
    backoff.pause(0, 0.5);
    backoff.pause(0, 0.5);
    assertThat(backoff.pause(CALM.toNanos() + 1, 0.5)).isEqualTo(Duration.ofSeconds(1));
  }
}
