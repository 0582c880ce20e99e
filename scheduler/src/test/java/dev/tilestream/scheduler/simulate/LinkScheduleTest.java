package dev.tilestream.scheduler.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LinkScheduleTest {
  /** 10 bytes/s for 2 s, nothing for 3 s, then 5 bytes/s. */
  private static final double[] FROM = {0, 2, 5};
  private static final double[] RATES = {10, 0, 5};

  @Test
  void aTransferTakesUntilTheIntegralOfTheRateHasComeToItsBytes() {
    LinkSchedule s = LinkSchedule.steps(FROM, RATES);
    assertThat(s.endSeconds(0, 20)).isEqualTo(2);
    assertThat(s.endSeconds(0, 21)).as("one byte after the outage").isEqualTo(5.2, within(1e-12));
    assertThat(s.endSeconds(1.5, 15)).isEqualTo(7, within(1e-12));
    assertThat(s.endSeconds(100, 50)).as("the last rate holds for good").isEqualTo(110, within(1e-9));
    assertThat(s.endSeconds(3, 0)).isEqualTo(3);
  }

  @Test
  void aRateHoldsFromItsInstantOn() {
    LinkSchedule s = LinkSchedule.steps(FROM, RATES);
    assertThat(s.bytesPerSecond(1.99)).isEqualTo(10);
    assertThat(s.bytesPerSecond(2)).isZero();
    assertThat(s.bytesPerSecond(5)).isEqualTo(5);
  }

  @Test
  void aRepeatingScheduleBeginsAgain() {
    LinkSchedule s = LinkSchedule.repeating(FROM, RATES, 6);
    assertThat(s.bytesPerSecond(6)).isEqualTo(10);
    assertThat(s.bytesPerSecond(8.5)).isZero();
    assertThat(s.endSeconds(5, 30)).as("5 in the last piece, 20 in the next first, an outage, 5 more").isEqualTo(12, within(1e-9));
    assertThat(s.endSeconds(6000, 250)).as("ten periods").isEqualTo(6060, within(1e-6));
  }

  @Test
  void samplesHoldForTheirInterval() {
    LinkSchedule s = LinkSchedule.sampled(new double[] {1, 3}, 0.5);
    assertThat(s.endSeconds(0, 2)).isEqualTo(1, within(1e-12));
    assertThat(s.endSeconds(0, 2.5)).isEqualTo(1.5, within(1e-12));
  }

  @Test
  void transfersInPartsEndWhenTheWholeDoes() {
    Random random = new Random(5);
    for (int n = 0; n < 200; n++) {
      double[] rates = random.doubles(20, 0, 1e6).map(r -> r < 2e5 ? 0 : r).toArray();
      rates[3] = 5e5;
      LinkSchedule s = LinkSchedule.sampled(rates, 0.1);
      double start = random.nextDouble() * 10;
      double bytes = random.nextDouble() * 1e6;
      double half = random.nextDouble() * bytes;
      assertThat(s.endSeconds(s.endSeconds(start, half), bytes - half)).isEqualTo(s.endSeconds(start, bytes), within(1e-6));
    }
  }

  @Test
  void whatNeverEndsOrGoesBackwardsIsRefused() {
    assertThatThrownBy(() -> LinkSchedule.steps(new double[] {0, 1}, new double[] {5, 0})).hasMessageContaining("never ends");
    assertThatThrownBy(() -> LinkSchedule.repeating(new double[] {0}, new double[] {0}, 1)).hasMessageContaining("never ends");
    assertThatThrownBy(() -> LinkSchedule.steps(new double[] {1}, new double[] {5})).hasMessageContaining("ascending from 0");
    assertThatThrownBy(() -> LinkSchedule.steps(new double[] {0, 0}, new double[] {5, 5})).hasMessageContaining("ascending");
    assertThatThrownBy(() -> LinkSchedule.steps(new double[] {0}, new double[] {-1})).hasMessageContaining("-1");
    assertThatThrownBy(() -> LinkSchedule.steps(new double[] {0, 1}, new double[] {1})).hasMessageContaining("2 instants, 1 rates");
    assertThatThrownBy(() -> LinkSchedule.repeating(new double[] {0, 2}, new double[] {1, 1}, 2)).hasMessageContaining("repeats after");
    assertThatThrownBy(() -> LinkSchedule.constant(1).endSeconds(-1, 1)).hasMessageContaining("-1");
  }
}
