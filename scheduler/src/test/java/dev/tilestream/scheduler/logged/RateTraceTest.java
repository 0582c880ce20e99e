package dev.tilestream.scheduler.logged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.logged.ProfileRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTraceTest {
  private static final Path DATA = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve("jetson");

  private static RateTrace trace(String csv) {
    return RateTrace.of("t", CsvTable.parse("t", csv));
  }

  @Test
  void aRateHoldsUntilTheNextSampleAndTheTraceStartsAgain() {
    RateTrace t = trace("t_s,mbit_s\n0,10\n1,20\n3,0\n");
    assertThat(t.at(0)).isEqualTo(10);
    assertThat(t.at(0.999)).isEqualTo(10);
    assertThat(t.at(1)).isEqualTo(20);
    assertThat(t.at(3.2)).isEqualTo(RateTrace.OUTAGE_MEGABITS);
    assertThat(t.endSeconds()).isEqualTo(4.5);
    assertThat(t.at(4.5 + 0.5)).isEqualTo(10);
    assertThat(t.pieceEndSeconds(0.3)).isEqualTo(1);
    assertThat(t.pieceEndSeconds(4.5 + 1.2)).isEqualTo(4.5 + 3);
    assertThat(t.mean()).isCloseTo((10 + 2 * 20 + 1.5 * RateTrace.OUTAGE_MEGABITS) / 4.5, within(1e-12));
  }

  @Test
  void ofTwoSamplesAtOneTimeTheLaterCounts() {
    assertThat(trace("t_s,mbit_s\n5,10\n5,30\n6,20\n").megabits()).containsExactly(30, 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "t_s,mbit_s\n", "", "t,m\n0,1\n", "t_s,mbit_s\n0\n", "t_s,mbit_s\n0,x\n", "t_s,mbit_s\n0,-1\n", "t_s,mbit_s\n1,1\n0,1\n",
    "t_s,mbit_s\n0,NaN\n", "t_s,mbit_s\n,1\n"
  })
  void whatIsNoTraceIsRefusedInWords(String csv) {
    assertThatThrownBy(() -> trace(csv)).isInstanceOf(ProfileRefused.class).hasMessageStartingWith("t");
  }

  @Test
  void constantRatesAreNamedAfterThemselves() {
    assertThat(RateTrace.constant(94).name()).isEqualTo("94mbit");
    assertThat(RateTrace.constant(94).at(1e6)).isEqualTo(94);
  }

  @Test
  void tracesOfARobotsWalkAreRead() {
    Assumptions.assumeTrue(Files.isDirectory(DATA), () -> "test data absent: " + DATA + " (set -Dtilestream.data)");
    RateTrace indoors = RateTrace.read(DATA.resolve("bandwidth/indoors.csv"));
    assertThat(indoors.endSeconds()).isBetween(1147.0, 1148.0);
    assertThat(indoors.mean()).isBetween(50.0, 150.0);
    assertThat(Calibration.environment(indoors)).isEqualTo("indoors");
    for (String name : new String[] {"outdoors", "indoors-hp", "outdoors-hp", "outdoors-outages"})
      assertThat(RateTrace.read(DATA.resolve("bandwidth/" + name + ".csv")).pieces()).isGreaterThan(1000);
  }

  @Test
  void publishedFiguresAreFoundBySeriesAndEnvironment(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("published.csv");
    Files.writeString(file, """
        artifact,environment,model,local_ms,offload_ms,spso_ga_ms,dsccs_ms,published_ms,local_J,offload_J,spso_ga_J,dsccs_J,published_J
        hp,indoors,agrnav,534.76,,542.46,542.64,303.14,4.3378,,4.4919,4.4976,2.3994
        """);
    PublishedFigures figures = PublishedFigures.read(file);
    assertThat(figures.rows()).hasSize(1);
    PublishedFigures.Row row = figures.rows().get(0);
    assertThat(row.millis()).doesNotContainKey(PublishedFigures.Column.OFFLOAD).containsEntry(PublishedFigures.Column.PUBLISHED, 303.14);
    assertThat(row.watts(PublishedFigures.Column.LOCAL).orElseThrow()).isCloseTo(8.11, within(0.01));
    assertThat(row.watts(PublishedFigures.Column.OFFLOAD)).isEmpty();
  }
}
