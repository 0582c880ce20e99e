package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CreditWindowTest {
  private static final int KIB = 1 << 10;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private final CreditWindow window = new CreditWindow(
      new LinkSettings(256 * KIB, 1 << 20, 1 << 20, 4, 1 << 20, SECOND, SECOND, SECOND, 0.01, false, Emulation.NONE));

  @Test
  void takesUpToItsLimitAndOpensAsThePeerTakes() {
    for (int i = 0; i < 2; i++) window.sent(400 * KIB);
    assertThat(window.takes(224 * KIB)).isTrue();
    assertThat(window.takes(225 * KIB)).isFalse();
    assertThat(window.taken(1, 400 * KIB)).isTrue();
    assertThat(window.takes(600 * KIB)).isTrue();
  }

  @Test
  void takesOneParcelOfAnySizeWhenNothingIsUnderWay() {
    assertThat(window.takes(Integer.MAX_VALUE)).isTrue();
  }

  @Test
  void countsParcelsToo() {
    for (int i = 0; i < 4; i++) {
      assertThat(window.takes(1)).isTrue();
      window.sent(1);
    }
    assertThat(window.takes(1)).isFalse();
  }

  @Test
  void ignoresCreditForWhatWasNeverSentOrIsOld() {
    window.sent(10);
    window.sent(10);
    assertThat(window.taken(3, 20)).isFalse();
    assertThat(window.taken(1, 21)).isFalse();
    assertThat(window.taken(1, 10)).isTrue();
    assertThat(window.taken(1, 10)).isFalse();
    assertThat(window.inFlightBytes()).isEqualTo(10);
  }

  @Test
  void holdsOnASlowLinkWhatTheAirHoldsAndALittleMore() {
    window.adapt(11.6e6, 0.002);
    assertThat(window.chunkBytes()).isEqualTo(116_000);
    assertThat(window.limitBytes()).isEqualTo((long) (11.6e6 * 0.022));
    window.adapt(1e5, 0.002);
    assertThat(window.chunkBytes()).isEqualTo(32 * KIB);
    assertThat(window.limitBytes()).isEqualTo(64 * KIB);
  }

  @Test
  void neverPassesTheSettings() {
    window.adapt(1e9, 0.5);
    assertThat(window.chunkBytes()).isEqualTo(256 * KIB);
    assertThat(window.limitBytes()).isEqualTo(1 << 20);
  }
}
