package dev.tilestream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {
  @Test
  void quantilesAreValuesThatWereMeasured() {
    double[] values = IntStream.rangeClosed(1, 20).mapToDouble(i -> 21 - i).toArray();
    assertThat(Quantiles.median(values)).isEqualTo(10);
    assertThat(Quantiles.quantile(values, 0.95)).isEqualTo(19);
    assertThat(Quantiles.quantile(new double[] {7}, 0.95)).isEqualTo(7);
    assertThat(values[0]).isEqualTo(20);
  }

  @Test
  void noValuesHaveNoQuantile() {
    assertThatThrownBy(() -> Quantiles.median(new double[0])).isInstanceOf(IllegalArgumentException.class);
  }
}
