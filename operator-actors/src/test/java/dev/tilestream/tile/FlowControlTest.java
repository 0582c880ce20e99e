package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowControlTest {
  private static final double MEGABIT = 1e6 / 8;
  private static final Duration SECOND = Duration.ofSeconds(1);

  static LinkSettings settings() {
    return new LinkSettings(256 << 10, 1900 << 10, 1 << 20, 128, 128 << 20, SECOND, SECOND, SECOND, 0.01, false, Emulation.NONE);
  }

  private static SimulatedLine line(double megabits) {
    return SimulatedLine.real(settings(), RateTrace.constant(megabits * MEGABIT));
  }

  private static SimulatedLine step(double before, double after, double second) {
    return SimulatedLine.real(
        settings(), RateTrace.of(new double[] {0, second, 1000}, new double[] {before * MEGABIT, after * MEGABIT, after * MEGABIT}));
  }

  private static double goodput(SimulatedLine line, double from, double to) {
    long before = line.until(from).sight().deliveredBytes();
    return (line.until(to).sight().deliveredBytes() - before) / (to - from);
  }

  @ParameterizedTest
  @CsvSource({"5, 0.2", "5, 20", "20, 0.2", "20, 5", "93, 0.2", "93, 2", "93, 20", "400, 0.2", "400, 5"})
  void fillsTheLineAndKeepsItsQueueShort(double megabits, double delayMillis) {
    SimulatedLine line = line(megabits).delay(delayMillis).saturated();
    assertThat(goodput(line, 1, 30)).isGreaterThan(0.95 * megabits * MEGABIT);
    assertThat(line.longestWaitSeconds()).isLessThan(0.030);
    assertThat(line.sight().bytesPerSecond()).isCloseTo(megabits * MEGABIT, within(0.05 * megabits * MEGABIT));
  }

  @ParameterizedTest
  @ValueSource(doubles = {5, 20, 93})
  void startsSmallAndGrowsWithoutAQueue(double megabits) {
    SimulatedLine line = line(megabits).delay(2).saturated();
    line.until(1);
    assertThat(line.longestWaitSeconds()).isLessThan(0.030);
    assertThat(line.sight().deliveredBytes()).isGreaterThan((long) (0.9 * megabits * MEGABIT));
  }

  @ParameterizedTest
  @CsvSource({"93, 20", "400, 93", "20, 93", "5, 93"})
  void followsAStepInTheRateWithinASecond(double before, double after) {
    SimulatedLine line = step(before, after, 10).delay(2).saturated();
    line.until(10.3);
    line.until(11);
    assertThat(line.longestWaitSeconds()).isLessThan(0.030);
    assertThat(line.sight().bytesPerSecond()).isCloseTo(after * MEGABIT, within(0.1 * after * MEGABIT));
    assertThat(goodput(line, 11, 15)).isGreaterThan(0.95 * after * MEGABIT);
  }

  @Test
  void aPeerThatIsSlowToTellMakesTheLinkNeitherSlowNorIdle() {
    SimulatedLine line = line(93).delay(2).acknowledgesLate(30).saturated();
    assertThat(goodput(line, 1, 10)).isGreaterThan(0.95 * 93 * MEGABIT);
    assertThat(line.longestWaitSeconds()).isLessThan(0.030);
    assertThat(line.sight().bytesPerSecond()).isCloseTo(93 * MEGABIT, within(0.05 * 93 * MEGABIT));
  }

  @Test
  void aPeerThatIsPromptAgainFindsNoQueueForLong() {
    SimulatedLine line = line(93).delay(2).acknowledgesLate(60).saturated();
    line.until(10);
    line.acknowledgesLate(0).until(10.2);
    line.until(12);
    assertThat(line.longestWaitSeconds()).isLessThan(0.030);
  }

  @Test
  void aLongerWayIsNotTakenForAQueueForEver() {
    SimulatedLine line = line(93).delay(1).saturated();
    line.until(10);
    line.delay(25).until(14);
    assertThat(goodput(line, 14, 20)).isGreaterThan(0.9 * 93 * MEGABIT);
    line.delay(1).until(25);
    assertThat(goodput(line, 25, 30)).isGreaterThan(0.95 * 93 * MEGABIT);
    assertThat(line.longestWaitSeconds()).isLessThan(0.030);
  }

  @Test
  void tellsHowFarOffItHasBeen() {
    SimulatedLine steady = line(93).delay(2).saturated();
    assertThat(steady.until(5).sight().rateDeviation()).isLessThan(0.05);
    double[] seconds = new double[100];
    double[] rates = new double[100];
    for (int i = 0; i < 100; i++) {
      seconds[i] = i * 0.1;
      rates[i] = (i % 2 == 0 ? 60 : 120) * MEGABIT;
    }
    SimulatedLine swinging = SimulatedLine.real(settings(), RateTrace.of(seconds, rates)).delay(2).saturated();
    assertThat(swinging.until(5).sight().rateDeviation()).isBetween(0.15, 0.6);
  }
}
