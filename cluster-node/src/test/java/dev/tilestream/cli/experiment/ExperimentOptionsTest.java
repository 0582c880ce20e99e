package dev.tilestream.cli.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.WrittenObjective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class ExperimentOptionsTest {
  @Command(name = "experiment")
  private static final class Asked {
    @Mixin private ExperimentOptions options;
  }

  @TempDir private Path data;

  @BeforeEach
  void measurements() throws IOException {
    for (String profile : List.of("VGG19_BN@lopinfer", "VGG19_BN@hp", "kapao@lopinfer", "kapao@hp"))
      write("profiles/" + profile + ".json", "{}");
    for (String trace : List.of("indoors", "outdoors", "indoors-hp", "outdoors-hp")) write("bandwidth/" + trace + ".csv", "t_s,mbit_s\n0,80\n1,80\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private ExperimentOptions parse(String... arguments) {
    Asked asked = new Asked();
    List<String> all = new ArrayList<>(List.of("--data", data.toString()));
    all.addAll(List.of(arguments));
    new CommandLine(asked)
        .registerConverter(LinkRate.class, LinkRate::parse)
        .registerConverter(WrittenObjective.class, WrittenObjective::parse)
        .registerConverter(Duration.class, text -> Duration.ofMillis(Long.parseLong(text.replace("ms", ""))))
        .parseArgs(all.toArray(String[]::new));
    return asked.options;
  }

  @Test
  void aProfileIsFoundByTheBeginningOfItsName() {
    List<Experiment> found = parse("--profile", "vgg19@lopinfer.json", "--trace", "indoors.csv").experiments();
    assertThat(found).singleElement().satisfies(e -> {
      assertThat(e.profileName()).isEqualTo("VGG19_BN@lopinfer");
      assertThat(e.series()).isEqualTo("lopinfer");
      assertThat(e.model()).isEqualTo("VGG19_BN");
      assertThat(e.traceName()).isEqualTo("indoors");
      assertThat(e.trace().meanBytesPerSecond()).isCloseTo(1e7, within(1e-6));
    });
  }

  @Test
  void calibrationIsThatOfTheSeries() {
    Experiment lopinfer = parse("--profile", "kapao@lopinfer", "--trace", "outdoors", "--calibrated").experiments().get(0);
    assertThat(lopinfer.trace().meanBytesPerSecond()).isCloseTo(0.65e7, within(1e-6));
    assertThat(lopinfer.delay()).isEqualTo(Duration.ofMillis(2));
    Experiment hp = parse("--profile", "kapao@hp", "--trace", "outdoors-hp", "--calibrated").experiments().get(0);
    assertThat(hp.trace().meanBytesPerSecond()).isCloseTo(1e7, within(1e-6));
    assertThat(hp.delay()).isZero();
  }

  @Test
  void allMeansEveryProfileOverTheTracesOfItsSeries() {
    assertThat(parse("--all").experiments()).extracting(e -> e.profileName() + " " + e.traceName()).containsExactlyInAnyOrder(
        "VGG19_BN@lopinfer indoors", "VGG19_BN@lopinfer outdoors", "kapao@lopinfer indoors", "kapao@lopinfer outdoors",
        "VGG19_BN@hp indoors-hp", "VGG19_BN@hp outdoors-hp", "kapao@hp indoors-hp", "kapao@hp outdoors-hp");
  }

  @Test
  void aConstantRateStandsForATrace() {
    Experiment e = parse("--profile", "kapao@hp", "--rate", "94mbit").experiments().get(0);
    assertThat(e.traceName()).isEqualTo("94mbit");
    assertThat(e.environment()).isEmpty();
    assertThat(e.trace().bytesPerSecond(1234.5)).isEqualTo(94e6 / 8);
  }

  @Test
  void authorsMeasuredInNoOtherAir() throws Exception {
    write("bandwidth/outdoors-outages.csv", "t_s,mbit_s\n0,80\n1,0\n");
    assertThat(parse("--profile", "kapao@hp", "--trace", "outdoors-hp").experiments().get(0).environment()).isEqualTo("outdoors");
    assertThat(parse("--profile", "kapao@hp", "--trace", "outdoors-outages").experiments().get(0).environment()).isEmpty();
  }

  @Test
  void plansAreForLatencyUnlessItIsSaid() {
    assertThat(parse().objective().objective()).isEqualTo(Objective.LATENCY);
    assertThat(parse("--objective", "energy:1s").objective().objective()).isEqualTo(new Objective.Energy(1));
  }

  @Test
  void strategiesAreThoseNamed() {
    assertThat(parse("--strategies", "hybrid,local").strategies()).containsExactly(Strategy.LOCAL, Strategy.HYBRID);
    assertThat(parse().strategies()).containsExactly(Strategy.values());
    assertThatThrownBy(() -> parse("--strategies", "best").strategies()).isInstanceOf(ParameterException.class).hasMessageContaining("best");
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() {
    assertThatThrownBy(() -> parse("--all", "--profile", "kapao@hp").experiments()).hasMessageContaining("one of them");
    assertThatThrownBy(() -> parse("--profile", "kapao@hp").experiments()).hasMessageContaining("--trace or --rate");
    assertThatThrownBy(() -> parse("--profile", "yolo@hp", "--trace", "indoors").experiments())
        .hasMessageContaining("yolo@hp: no such file").hasMessageContaining("kapao@hp.json");
  }
}
