package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Instants are ours, in milliseconds; what the peer tells is by its own clock. */
class BaseDelayTest {
  private static final long MILLI = 1_000_000;
  private static final long PEERS_CLOCK = -987_654_321_000L;

  private final BaseDelay base = new BaseDelay();

  private void probe(long atMillis, long roundTripMillis, boolean clear) {
    base.probed(atMillis * MILLI, (atMillis * MILLI) + roundTripMillis * MILLI / 2 + PEERS_CLOCK, (atMillis + roundTripMillis) * MILLI, clear);
  }

  @Test
  void isTheShortestOfTheLastSixteenSeconds() {
    for (int i = 0; i < 20; i++) probe(2000 * i, i == 3 ? 1 : 50 - i, true);
    assertThat(base.roundTripNanos()).isEqualTo(31 * MILLI);
    assertThat(base.wayNanos()).isEqualTo(31 * MILLI / 2 + PEERS_CLOCK);
  }

  @Test
  void anOutageThatManyProbesMetChangesNothing() {
    probe(0, 4, true);
    for (int i = 0; i < 15; i++) probe(2000 + 200 * i, 3000 - 200 * i, false);
    assertThat(base.roundTripNanos()).isEqualTo(4 * MILLI);
  }

  @Test
  void aWayThatHasBecomeMuchLongerIsSeenWhenNothingIsInIt() {
    for (int i = 0; i < 8; i++) probe(1000 * i, 4, true);
    probe(8000, 60, false);
    for (int i = 0; i < 2; i++) probe(9000 + 500 * i, 60 + i, true);
    assertThat(base.roundTripNanos()).as("a busy machine").isEqualTo(4 * MILLI);
    probe(10_000, 58, true);
    assertThat(base.roundTripNanos()).isEqualTo(58 * MILLI);
  }

  @Test
  void tellsHowMuchProbesDiffer() {
    for (int i = 0; i < 100; i++) probe(100 * i, 4, true);
    assertThat(base.deviationSeconds()).isZero();
    for (int i = 0; i < 100; i++) probe(10_000 + 100 * i, i % 2 == 0 ? 4 : 24, true);
    assertThat(base.deviationSeconds()).isCloseTo(0.0071, within(0.001));
  }

  @Test
  void aPeerThatStartedAnewHasAnotherClock() {
    probe(0, 4, true);
    base.restart();
    assertThat(base.known()).isFalse();
    assertThat(base.roundTripNanos()).isZero();
  }
}
