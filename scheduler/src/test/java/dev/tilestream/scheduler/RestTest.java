package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long PAUSE = 4 * SECOND;
  private static final String EDGE = "another speed of edge-1";
  private static final String ROBOT = "another speed of robot-1";

  private final Rest rest = new Rest(PAUSE, 0);

  /** Seconds at which rounds begin when {@code drifts} are there from {@code from} to {@code to}, looked at every tenth of a second. */
  private List<Double> rounds(double from, double to, double planningSeconds, String... drifts) {
    List<Double> rounds = new ArrayList<>();
    for (long now = (long) (from * SECOND); now < to * SECOND; now += SECOND / 10) {
      if (!rest.over(List.of(drifts), now)) continue;
      rest.round(List.of(drifts), now, 1);
      rest.begun(now, 1);
      rest.spent((long) (planningSeconds * SECOND));
      rounds.add((double) now / SECOND);
    }
    return rounds;
  }

  @Test
  void aDeviceThatSwingsForEverIsPlannedForEverMoreSeldom() {
    assertThat(rounds(0, 250, 0.1, EDGE)).containsExactly(0.0, 4.0, 12.0, 28.0, 60.0, 120.0, 180.0, 240.0);
  }

  @Test
  void whatDriftsOnceIsPlannedForAtOnceHoweverMuchElseSwings() {
    rounds(0, 100, 0.1, ROBOT);
    assertThat(rest.over(List.of(ROBOT), 100 * SECOND)).isFalse();
    assertThat(rest.over(List.of(ROBOT, EDGE), 100 * SECOND)).isTrue();
  }

  @Test
  void aTableLastsForAPauseWhateverDrifts() {
    rest.begun(10 * SECOND, 1.5);
    rest.begun(11 * SECOND, 0.5);
    assertThat(rest.over(List.of(EDGE), 16 * SECOND - 1)).isFalse();
    assertThat(rest.over(List.of(EDGE), 16 * SECOND)).isTrue();
  }

  @Test
  void whatComesBackRestsForTenTimesThePlanningButNotForEver() {
    assertThat(rounds(0, 100, 3, EDGE)).as("soon at first, then by what planning takes, then doubled")
        .containsExactly(0.0, 4.0, 34.0, 64.0, 96.0);
    Rest dear = new Rest(PAUSE, 0);
    for (long at : new long[] {0, 4}) dear.round(List.of(EDGE), at * SECOND, 1);
    dear.spent(3600 * SECOND);
    assertThat(dear.over(List.of(EDGE), 64 * SECOND - 1)).isFalse();
    assertThat(dear.over(List.of(EDGE), 64 * SECOND)).isTrue();
  }

  @Test
  void planningThatWasBrokenOffCountsAsMuchAsTheOneBefore() {
    rest.spent(3 * SECOND);
    for (long at : new long[] {0, 4}) rest.round(List.of(EDGE), at * SECOND, 1);
    rest.spent(2 * SECOND);
    rest.round(List.of(EDGE), 34 * SECOND, 1);
    assertThat(rest.over(List.of(EDGE), 53 * SECOND)).isFalse();
    assertThat(rest.over(List.of(EDGE), 54 * SECOND)).isTrue();
  }

  @Test
  void quietBringsThePromptnessBack() {
    rounds(0, 61, 0.1, EDGE);
    assertThat(rounds(190, 250, 0.1, EDGE)).as("one minute of quiet: half the rest, which doubles again").containsExactly(190.0, 220.0);
    assertThat(rounds(2000, 2030, 0.1, EDGE)).as("long ago").containsExactly(2000.0, 2004.0, 2012.0, 2028.0);
  }

  @Test
  void aTableFromBeforeTheLastRoundHasMissedIt() {
    rest.round(List.of(EDGE), 10 * SECOND, 1);
    assertThat(rest.missed(9 * SECOND)).isTrue();
    assertThat(rest.missed(10 * SECOND)).isFalse();
    assertThat(rest.missed(11 * SECOND)).isFalse();
  }
}
