package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.Objective.Energy;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestOptionsTest {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  @ParameterizedTest
  @CsvSource({"0,0", "1,1", "2,2", "3,4", "8,8", "9,16", "4096,4096"})
  void halosAreRoundedUpToPowersOfTwo(int asked, int kept) {
    assertThat(RequestOptions.NONE.withHalo(asked).halo()).contains(kept);
  }

  @ParameterizedTest
  @CsvSource({"1,0.001", "999,0.5", "1000,1", "2500,2", "60000,50", "0.0001,0.0000001"})
  void energyIsSavedWithinTheDeadlineRoundedDown(double milliseconds, double seconds) {
    Objective objective = RequestOptions.NONE.withObjective("energy").withDeadline(milliseconds, LONGEST).objective().orElseThrow();
    assertThat(((Energy) objective).deadlineSeconds()).isCloseTo(seconds, org.assertj.core.data.Percentage.withPercentage(1e-6));
  }

  @Test
  void clientsCanAskForFewPlansOnly() {
    Set<Objective> objectives = new HashSet<>();
    for (double ms = 0.01; ms < 60_000; ms *= 1.01)
      objectives.add(RequestOptions.NONE.withObjective("energy").withDeadline(ms, LONGEST).objective().orElseThrow());
    assertThat(objectives).hasSizeBetween(15, 25);
  }

  @Test
  void whoSaysNothingGetsTheModelsDefaults() {
    assertThat(RequestOptions.NONE.objective()).isEmpty();
    assertThat(RequestOptions.NONE.halo()).isEmpty();
    assertThat(RequestOptions.NONE.withObjective("latency").objective()).contains(Objective.LATENCY);
  }
}
