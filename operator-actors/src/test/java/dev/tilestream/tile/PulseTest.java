package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PulseTest {
  private static final long MILLI = 1_000_000;

  private final Pulse pulse = new Pulse();

  @Test
  void itBeginsWithTheFirstRowsAndEndsWhenNoneFollow() {
    assertThat(pulse.used(0)).isTrue();
    assertThat(pulse.used(10 * MILLI)).isFalse();
    assertThat(pulse.beats(2009 * MILLI)).isTrue();
    assertThat(pulse.beats(2010 * MILLI)).isFalse();
    assertThat(pulse.used(2020 * MILLI)).isTrue();
  }

  @Test
  void aPeerThatLeavesQuestionsUnansweredHasDoneSoSinceTheFirst() {
    pulse.used(0);
    for (int i = 1; i <= 2; i++) pulse.asked(50 * i * MILLI);
    assertThat(pulse.unansweredNanos(500 * MILLI)).as("two may be our own delay").isZero();
    pulse.asked(500 * MILLI);
    assertThat(pulse.unansweredNanos(510 * MILLI)).isEqualTo(460 * MILLI);
    pulse.heard();
    assertThat(pulse.unansweredNanos(520 * MILLI)).isZero();
  }

  @Test
  void itGoesOnWhileAnybodyWantsToKnow() {
    pulse.used(0);
    for (int i = 1; i <= 5; i++) {
      pulse.asked(1000 * i * MILLI);
      assertThat(pulse.used(1000 * i * MILLI)).isFalse();
      assertThat(pulse.beats(1000 * i * MILLI)).isTrue();
    }
    assertThat(pulse.unansweredNanos(5000 * MILLI)).isEqualTo(4000 * MILLI);
  }

  @Test
  void ofManyThatUseItOneHasItBegin() {
    for (int round = 0; round < 200; round++) {
      Pulse shared = new Pulse();
      assertThat(IntStream.range(0, 8).parallel().filter(i -> shared.used(i)).count()).isEqualTo(1);
    }
  }

  @Test
  void whoIsNotAskedAnyMoreIsNotSilent() {
    pulse.used(0);
    for (int i = 0; i < 5; i++) pulse.asked(i * MILLI);
    assertThat(pulse.beats(3000 * MILLI)).isFalse();
    assertThat(pulse.unansweredNanos(3000 * MILLI)).isZero();
  }
}
