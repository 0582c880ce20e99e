package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.plan.Precision;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.Objective.Energy;
import dev.tilestream.scheduler.plan.Objective.Weighted;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
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
    Objective objective = RequestOptions.NONE.withObjective("energy").withDeadline(milliseconds, LONGEST).objective(Optional.empty()).orElseThrow();
    assertThat(((Energy) objective).deadlineSeconds()).isCloseTo(seconds, org.assertj.core.data.Percentage.withPercentage(1e-6));
  }

  @Test
  void energyWithoutADeadlineIsSavedWithinTheModels() {
    RequestOptions energy = RequestOptions.NONE.withObjective("energy");
    assertThat(energy.objective(Optional.of(Duration.ofMillis(300)))).contains(new Energy(0.2));
    assertThat(energy.objective(Optional.empty())).contains(new Energy(1));
    assertThat(energy.withDeadline(50, LONGEST).objective(Optional.of(Duration.ofMillis(300)))).contains(new Energy(0.05));
    assertThat(RequestOptions.NONE.withObjective("energy:30ms").withDeadline(50, LONGEST).objective(Optional.empty())).contains(new Energy(0.02));
  }

  @ParameterizedTest
  @CsvSource({"'1,1',1,1", "'2,1',1,0.5", "'3,1',1,0.5", "'4,1',1,0.2", "'100,700',1,5", "'0,3',0,1", "'1,999999999',0,1"})
  void onlyTheRatioOfWeightsCountsAndRoughly(String asked, double perSecond, double perJoule) {
    Weighted kept = (Weighted) RequestOptions.NONE.withObjective("weighted:" + asked).objective(Optional.empty()).orElseThrow();
    assertThat(kept.perSecond()).isEqualTo(perSecond);
    assertThat(kept.perJoule()).isCloseTo(perJoule, org.assertj.core.data.Percentage.withPercentage(1e-6));
  }

  @Test
  void aWeightOfNothingForJoulesIsLatency() {
    assertThat(RequestOptions.NONE.withObjective("weighted:3,0").objective(Optional.empty())).contains(Objective.LATENCY);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,4", "33,64", "64,64"})
  void framesAreRoundedUpToPowersOfTwo(int asked, int kept) {
    assertThat(RequestOptions.NONE.withObjective("throughput:" + asked).objective(Optional.empty())).contains(new Objective.Throughput(kept));
  }

  @Test
  void clientsCanAskForFewPlansOnly() {
    Set<Objective> objectives = new HashSet<>();
    for (double ms = 0.01; ms < 60_000; ms *= 1.01)
      objectives.add(RequestOptions.NONE.withObjective("energy").withDeadline(ms, LONGEST).objective(Optional.empty()).orElseThrow());
    assertThat(objectives).hasSizeBetween(15, 25);
    for (double weight = 1e-9; weight < 1e9; weight *= 1.01)
      objectives.add(RequestOptions.NONE.withObjective("weighted:1,%.12f".formatted(weight)).objective(Optional.empty()).orElseThrow());
    assertThat(objectives).hasSizeLessThan(70);
  }

  @Test
  void precisionsAreCalledByTheirWords() {
    assertThat(RequestOptions.NONE.withPrecision("fp16").withHalo(3).withStrategy("even").precision()).contains(Precision.FP16);
    assertThatThrownBy(() -> RequestOptions.NONE.withPrecision("int8")).hasMessage("parameters: precision: int8 (expected: one of fp32, fp16)");
  }

  @Test
  void whoSaysNothingGetsTheModelsDefaults() {
    assertThat(RequestOptions.NONE.objective(Optional.empty())).isEmpty();
    assertThat(RequestOptions.NONE.halo()).isEmpty();
    assertThat(RequestOptions.NONE.precision()).isEmpty();
    assertThat(RequestOptions.NONE.withObjective("latency").objective(Optional.empty())).contains(Objective.LATENCY);
  }
}
