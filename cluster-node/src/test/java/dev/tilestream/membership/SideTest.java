package dev.tilestream.membership;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.Address;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SideTest {
  private static Side side(int... ports) {
    Set<Address> members = new LinkedHashSet<>();
    for (int port : ports) members.add(Addresses.of("10.0.0.1:" + port));
    return new Side(members);
  }

  @Test
  void theSmallerSideGoesOver() {
    assertThat(side(1).yieldsTo(side(2, 3))).isTrue();
    assertThat(side(2, 3).yieldsTo(side(1))).isFalse();
  }

  @Test
  void ofEqualSidesTheOneWithoutTheLowestAddressGoesOver() {
    assertThat(side(2, 3).yieldsTo(side(9, 1))).isTrue();
    assertThat(side(9, 1).yieldsTo(side(2, 3))).isFalse();
  }

  @Test
  void ofAnyTwoSidesExactlyOneGoesOver() {
    Random random = new Random(7);
    for (int trial = 0; trial < 500; trial++) {
      Set<Address> one = new LinkedHashSet<>();
      Set<Address> other = new LinkedHashSet<>();
      for (int port = 1; port <= 8; port++)
        switch (random.nextInt(3)) {
          case 0 -> one.add(Addresses.of("10.0.0." + random.nextInt(4) + ":" + port));
          case 1 -> other.add(Addresses.of("10.0.0." + random.nextInt(4) + ":" + port));
          default -> { }
        }
      if (one.isEmpty() || other.isEmpty()) continue;
      assertThat(new Side(one).yieldsTo(new Side(other))).isNotEqualTo(new Side(other).yieldsTo(new Side(one)));
    }
  }
}
