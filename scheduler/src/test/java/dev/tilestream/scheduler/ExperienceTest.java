package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExperienceTest {
  @Test
  void whatTookAsLongAsTheAirOfBeforeOrAfterAllowsIsAsPromised() {
    assertThat(Experience.met(0.15, 0.1, 0.2)).isEqualTo(0.15);
    assertThat(Experience.met(0.15, 0.2, 0.1)).isEqualTo(0.15);
  }

  @Test
  void whatTookLongerIsSlowerThanThePoorerAirAllows() {
    assertThat(Experience.met(0.3, 0.1, 0.2)).isEqualTo(0.2);
    assertThat(Experience.met(0.3, 0.1, 0.1)).isEqualTo(0.1);
  }

  @Test
  void whatWasQuickerIsQuickerThanTheBetterAirAllows() {
    assertThat(Experience.met(0.05, 0.2, 0.1)).isEqualTo(0.1);
  }
}
