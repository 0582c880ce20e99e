package dev.tilestream.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.scheduler.plan.Objective.Energy;
import dev.tilestream.scheduler.plan.Objective.Throughput;
import dev.tilestream.scheduler.plan.Objective.Weighted;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WrittenObjectiveTest {
  @Test
  void everyKindCanBeWritten() {
    assertThat(read("latency")).isEqualTo(Objective.LATENCY);
    assertThat(read("energy:200ms")).isEqualTo(new Energy(0.2));
    assertThat(read("energy:0.5s")).isEqualTo(new Energy(0.5));
    assertThat(read("weighted:1,0.5")).isEqualTo(new Weighted(1, 0.5));
    assertThat(read("weighted:0,3")).isEqualTo(new Weighted(0, 3));
    assertThat(read("throughput:8")).isEqualTo(new Throughput(8));
    assertThat(read("throughput")).isEqualTo(new Throughput(WrittenObjective.FRAMES));
  }

  @Test
  void energyWithoutADeadlineTakesTheOneThatStandsElsewhere() {
    WrittenObjective open = WrittenObjective.parse("energy");
    assertThat(open.within(Optional.of(Duration.ofMillis(300)))).isEqualTo(new Energy(0.3));
    assertThat(open.within(Optional.empty())).isEqualTo(new Energy(1));
    assertThat(WrittenObjective.parse("energy:2s").within(Optional.of(Duration.ofMillis(300)))).isEqualTo(new Energy(2));
    assertThat(WrittenObjective.parse("latency").within(Optional.of(Duration.ofMillis(300)))).isEqualTo(Objective.LATENCY);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", " ", "fame", "Latency", "latency:", "latency:1s", "energy:", "energy:0s", "energy:-1s", "energy:1", "energy:1h", "energy:61m", "energy:NaNs",
    "energy:1e3s", "energy: 1s", "weighted", "weighted:", "weighted:1", "weighted:0,0", "weighted:1,", "weighted:1,2,3", "weighted:-1,2",
    "weighted:NaN,1", "weighted:Infinity,1", "weighted:1,10000000000", "weighted:0x1,1", "throughput:", "throughput:0", "throughput:65",
    "throughput:1.5", "throughput:99999999999", "energy:\u0661s"})
  void whatCannotBeMeantIsRefusedWithWhatIsExpected(String text) {
    assertThatThrownBy(() -> WrittenObjective.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("objective: " + text).hasMessageContaining("(expected: ");
  }

  private static Objective read(String text) {
    return WrittenObjective.parse(text).within(Optional.empty());
  }
}
