package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EmulatedAirTest {
  private static final long SECOND = 1_000_000_000L;
  /** 1000 bytes/s for a second, an outage of two, 1000 bytes/s again for one. */
  private static final RateTrace TRACE = RateTrace.of(new double[] {0, 1, 3}, new double[] {1000, 0, 500});

  private final AtomicLong clock = new AtomicLong(-5 * SECOND);

  private EmulatedAir air(Emulation emulation, long calendarMillis) {
    return new EmulatedAir(emulation, clock::get, () -> calendarMillis);
  }

  @Test
  void aSteadyRateTakesBytesInProportion() {
    try (EmulatedAir air = air(Emulation.of(500, Duration.ZERO), 0)) {
      assertThat(air.limited()).isTrue();
      assertThat(air.through(SECOND, 1000)).isEqualTo(3 * SECOND);
    }
  }

  @Test
  void withoutEmulationNothingTakesTime() {
    try (EmulatedAir air = air(Emulation.NONE, 0)) {
      assertThat(air.limited()).isFalse();
      assertThat(air.through(SECOND, 1 << 30)).isEqualTo(SECOND);
    }
  }

  @Test
  void aDelayLeavesTheTraceAsItIsAndARateTakesItsPlace() {
    Emulation traced = Emulation.of(new TracedRate(TRACE, 0));
    Duration late = Duration.ofMillis(5);
    assertThat(traced.with(Optional.empty(), late)).isEqualTo(new Emulation(0, late, traced.trace()));
    assertThat(traced.with(Optional.of(500.0), late)).isEqualTo(Emulation.of(500, late));
    assertThat(Emulation.of(500, late).with(Optional.empty(), Duration.ZERO)).isEqualTo(Emulation.of(500, late));
  }

  @Test
  void aTraceBeginsAtItsMomentOnTheCalendar() {
    // It begins 2 s from now, at -3 s of the clock.
    try (EmulatedAir air = air(Emulation.of(new TracedRate(TRACE, 12_000)), 10_000)) {
      assertThat(air.through(-3 * SECOND, 500)).isEqualTo(-3 * SECOND + SECOND / 2);
      assertThat(air.through(-3 * SECOND + SECOND / 2, 1000)).as("across the outage").isEqualTo(SECOND);
    }
  }

  @Test
  void beforeItsMomentTheMeanHolds() {
    double mean = TRACE.meanBytesPerSecond();
    try (EmulatedAir air = air(Emulation.of(new TracedRate(TRACE, 12_000)), 10_000)) {
      assertThat(air.through(-4 * SECOND, Math.round(mean / 2))).isEqualTo(-4 * SECOND + (long) (Math.round(mean / 2) / mean * SECOND));
    }
  }

  @Test
  void twoDevicesThatStartedAtDifferentTimesShareTheWeather() {
    Emulation traced = Emulation.of(new TracedRate(TRACE, 12_000));
    try (EmulatedAir early = air(traced, 10_000)) {
      clock.addAndGet(7 * SECOND);
      try (EmulatedAir late = air(traced, 17_000)) {
        assertThat(late.through(clock.get(), 700)).isEqualTo(early.through(clock.get(), 700));
      }
    }
  }
}
