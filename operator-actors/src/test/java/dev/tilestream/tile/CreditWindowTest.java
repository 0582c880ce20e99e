package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CreditWindowTest {
  private static final int KIB = 1 << 10;
  private final CreditWindow window = new CreditWindow(4, 1 << 20);

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
}
