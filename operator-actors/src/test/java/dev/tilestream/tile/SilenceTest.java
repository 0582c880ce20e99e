package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SilenceTest {
  private static final long MILLISECOND = 1_000_000;

  private final Silence silence = new Silence(Duration.ofSeconds(1));

  private void ask(int probes, long everyMillis) {
    for (int i = 0; i < probes; i++) silence.asked(i * everyMillis * MILLISECOND);
  }

  @Test
  void severalProbesOverSomeTimeWithoutAWordAreSilence() {
    ask(4, 300);
    assertThat(silence.lasts(999 * MILLISECOND)).isFalse();
    assertThat(silence.lasts(1000 * MILLISECOND)).isTrue();
  }

  @Test
  void aDeviceThatStoodStillItselfDoesNotBlameItsPeers() {
    ask(2, 200);
    assertThat(silence.lasts(60_000 * MILLISECOND)).isFalse();
  }

  @Test
  void anyWordEndsTheDoubt() {
    ask(6, 300);
    assertThat(silence.doubtful()).isTrue();
    silence.heard();
    assertThat(silence.doubtful()).isFalse();
    assertThat(silence.lasts(60_000 * MILLISECOND)).isFalse();
  }
}
