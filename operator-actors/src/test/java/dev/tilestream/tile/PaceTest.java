package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final Pace pace = new Pace();

  private long[] of(long... runs) {
    return LongStream.of(runs).map(pace::of).toArray();
  }

  @Test
  void theFirstRunCountsAsItIs() {
    assertThat(pace.of(700)).isEqualTo(700);
  }

  @Test
  void aRunThatWasDisturbedDoesNotCount() {
    assertThat(of(10, 11, 500, 10, 490, 11)).containsExactly(10, 10, 11, 10, 11, 11);
  }

  @Test
  void aMachineThatBecameSlowerIsFollowedWithinThreeRuns() {
    assertThat(of(10, 10, 10, 10, 10, 30, 30, 30)).endsWith(10, 10, 30);
  }
}
