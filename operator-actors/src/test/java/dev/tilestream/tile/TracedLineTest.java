package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What links believe of an air whose rate was recorded while a robot drove around, against what it was at that moment. */
class TracedLineTest {
  private static final double STEP_SECONDS = 0.1;
  private static final double MOST = 0.15;

  private static RateTrace trace(String name) throws IOException {
    Path file = Path.of(System.getProperty("tilestream.data", "../../shared/data"), "jetson", "bandwidth", name + ".csv");
    assumeTrue(Files.exists(file), "no trace at " + file + " (expected: the directory of test data, named by tilestream.data)");
    return RateTrace.read(file);
  }

  /** Of what is believed every tenth of a second, relative to the rate of then, half is not further off. */
  private static double medianError(SimulatedLine line, RateTrace trace) {
    List<Double> errors = new ArrayList<>();
    for (double second = 1; second < trace.seconds(); second += STEP_SECONDS) {
      double believed = line.until(second).sight().bytesPerSecond();
      double rate = trace.bytesPerSecond(second);
      if (rate > 0) errors.add(Math.abs(believed / rate - 1));
    }
    return SimulatedLine.median(errors.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @ParameterizedTest
  @CsvSource({"indoors", "indoors-hp", "outdoors", "outdoors-hp", "outdoors-outages"})
  void isKnownFromStreams(String name) throws IOException {
    RateTrace trace = trace(name);
    assertThat(medianError(SimulatedLine.real(FlowControlTest.settings(), trace).delay(2).saturated(), trace)).isLessThan(MOST);
    LinkSettings emulated = FlowControlTest.settings().over(Emulation.of(new TracedRate(trace, 0)));
    assertThat(medianError(SimulatedLine.emulated(emulated, trace).delay(2).saturated(), trace)).as("emulated").isLessThan(MOST);
  }

  @ParameterizedTest
  @CsvSource({"indoors", "indoors-hp", "outdoors", "outdoors-hp", "outdoors-outages"})
  void isKnownFromTheBurstsOfInferences(String name) throws IOException {
    RateTrace trace = trace(name);
    assertThat(medianError(SimulatedLine.real(FlowControlTest.settings(), trace).delay(2).bursts(150_000, 100), trace)).isLessThan(MOST);
    LinkSettings emulated = FlowControlTest.settings().over(Emulation.of(new TracedRate(trace, 0)));
    assertThat(medianError(SimulatedLine.emulated(emulated, trace).delay(2).bursts(150_000, 100), trace)).as("emulated").isLessThan(MOST);
  }
}
