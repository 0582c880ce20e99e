package dev.tilestream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Rates and times as they are written on the command line. */
class QuantityTest {
  @ParameterizedTest
  @CsvSource({"93mbit,93e6", "400kbit,4e5", "1gbit,1e9", "1.5Mbit,1.5e6", "8bit,8", "93 mbit/s,93e6"})
  void ratesAreBitsPerSecondInDecimalUnits(String written, double bits) {
    assertThat(LinkRate.parse(written)).isEqualTo(new LinkRate(bits));
    assertThat(LinkRate.parse(written).bytesPerSecond()).isEqualTo(bits / 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"93mbit", "400kbit", "1500mbit", "0.5bit", "1.25kbit", "33.333333mbit"})
  void aRateIsWrittenAsItIsRead(String written) {
    LinkRate rate = LinkRate.parse(written);
    assertThat(LinkRate.parse(rate.toString())).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "93", "93mb", "-1mbit", "0mbit", "mbit", "1e3mbit", "93mbit!", "NaNbit"})
  void whatIsNoRateIsRefusedWithAnExample(String written) {
    assertThatThrownBy(() -> LinkRate.parse(written)).isInstanceOf(TypeConversionException.class).hasMessageContaining("93mbit");
  }

  @ParameterizedTest
  @CsvSource({"1ms,1000000", "250us,250000", "0.5s,500000000", "2m,120000000000", "0ms,0"})
  void timesHaveAUnit(String written, long nanos) {
    assertThat(Durations.parse(written)).isEqualTo(Duration.ofNanos(nanos));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "-1ms", "ms", "1h", "1 fortnight"})
  void whatIsNoTimeIsRefusedWithAnExample(String written) {
    assertThatThrownBy(() -> Durations.parse(written)).isInstanceOf(TypeConversionException.class).hasMessageContaining("250us");
  }

  @Test
  void aTimeIsWrittenAsItIsRead() {
    assertThat(Durations.parse(Durations.text(Duration.ofNanos(1_250_000)))).isEqualTo(Duration.ofNanos(1_250_000));
  }
}
