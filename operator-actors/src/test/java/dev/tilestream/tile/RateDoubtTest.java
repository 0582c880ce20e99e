package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RateDoubtTest {
  private static final long BLOCK = 10_000_000;
  private static final double RATE = 1e7;

  private final RateDoubt doubt = new RateDoubt();

  /** A block came at {@code times} the rate that was believed. */
  private void block(double times) {
    doubt.sample(Math.round(RATE * times * BLOCK * 1e-9), BLOCK, RATE);
  }

  @Test
  void isHalfBeforeAnythingIsKnown() {
    assertThat(doubt.relative()).isEqualTo(0.5);
    doubt.sample(1000, BLOCK, 0);
    assertThat(doubt.relative()).as("nothing was believed").isEqualTo(0.5);
  }

  @Test
  void isHowFarOffWhatCameWas() {
    for (int i = 0; i < 200; i++) block(1);
    assertThat(doubt.relative()).isCloseTo(0, within(0.01));
    for (int i = 0; i < 200; i++) block(i % 2 == 0 ? 1.2 : 1 / 1.2);
    assertThat(doubt.relative()).isCloseTo(Math.log(1.2), within(0.01));
  }

  @Test
  void burstsWithinABlockSayNothing() {
    for (int i = 0; i < 2000; i++) doubt.sample(i % 10 == 0 ? 100_000 : 0, BLOCK / 10, RATE);
    assertThat(doubt.relative()).isCloseTo(0, within(0.01));
  }

  @Test
  void anOutageIsOneSurprise() {
    for (int i = 0; i < 200; i++) block(1);
    block(1e-4);
    assertThat(doubt.relative()).isCloseTo(0.5, within(0.02));
  }
}
