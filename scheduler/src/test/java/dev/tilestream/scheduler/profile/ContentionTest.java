package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentionTest {
  @Test
  void nobodyElseIsNotWaitedFor() {
    assertThat(Contention.NONE.waitSeconds()).isZero();
  }

  @Test
  void theWaitIsThatOfAQueueServedOneByOne() {
    assertThat(waitOfQueue(0.7, false)).isEqualTo(new Contention(0.7, 2, 0).waitSeconds(), within(0.1));
    assertThat(waitOfQueue(0.7, true)).isEqualTo(new Contention(0.7, 2, 1).waitSeconds(), within(0.2));
  }

  /** Mean wait of 400,000 tiles of 2 s on average that come at random moments: each waits for what is left of those before it. */
  private static double waitOfQueue(double utilisation, boolean exponential) {
    Random random = new Random(3);
    double left = 0;
    double sum = 0;
    int n = 400_000;
    for (int i = 0; i < n; i++) {
      sum += left;
      double service = exponential ? -2 * Math.log(1 - random.nextDouble()) : 2;
      double gap = -2 / utilisation * Math.log(1 - random.nextDouble());
      left = Math.max(0, left + service - gap);
    }
    return sum / n;
  }

  @Test
  void aLaneThatNeverRestsIsRefused() {
    assertThatThrownBy(() -> new Contention(1, 1, 0)).hasMessageContaining("below 1");
    assertThatThrownBy(() -> new Contention(0.5, -1, 0)).hasMessageContaining("-1");
  }
}
