package dev.tilestream.graph.logged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The logs of real robots. */
class LoggedProfilesTest {
  private static final Path PROFILES = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve("jetson/profiles");

  private static LoggedFiles profiles() {
    Assumptions.assumeTrue(Files.isDirectory(PROFILES), () -> "test data absent: " + PROFILES + " (set -Dtilestream.data)");
    return new LoggedFiles(PROFILES);
  }

  private static LoggedGraph graph(String name) {
    return LoggedImporter.load(profiles().read(name), false);
  }

  @Test
  void everyProfileWithGeometryBecomesAGraphThatKeepsItsTimes() {
    List<LoggedModel> fit = profiles().withGeometry();
    assertThat(fit).extracting(LoggedModel::name).contains(
        "agrnav@hp", "agrnav@lopinfer", "agrnav@nsdi", "kapao@hp", "kapao@lopinfer", "kapao@nsdi", "VGG19_BN@lopinfer",
        "ResNet152@lopinfer", "DenseNet121@lopinfer", "ConvNeXt_Large@lopinfer", "RegNet_X_16GF@nsdi");
    for (LoggedModel m : fit) {
      LoggedGraph g = LoggedImporter.load(m, false);
      assertThat(g.hasServerTimes()).as(m.name()).isTrue();
      assertThat(Arrays.stream(g.robotMillis()).sum()).as(m.name()).isCloseTo(m.robotForwardMillis(), within(0.05));
      assertThat(Arrays.stream(g.serverMillis()).sum()).as(m.name()).isCloseTo(m.serverForwardMillis(), within(0.05));
    }
  }

  @Test
  void whatCrossesTheAirIsWhatCrossedItBesidesAHeader() {
    for (LoggedModel m : profiles().withGeometry()) {
      OperatorGraph g = LoggedImporter.load(m, false).graph();
      assertThat(m.inputBytes() - bytes(g, g.inputs())).as(m.name() + " input").isBetween(0L, 2048L);
      assertThat(m.outputBytes() - bytes(g, g.outputs())).as(m.name() + " output").isBetween(0L, 2048L);
    }
  }

  private static long bytes(OperatorGraph graph, List<Integer> tensors) {
    return tensors.stream().map(graph::tensor).mapToLong(t -> t.bytes(t.rows())).sum();
  }

  /** VGG19: 16 convolutions, 5 pools, and what is global. Stages of the other networks counted likewise. */
  @ParameterizedTest
  @CsvSource({
    "VGG19_BN@lopinfer, 22, 21", "agrnav@lopinfer, 32, 32", "agrnav@hp, 32, 32", "kapao@lopinfer, 167, 165", "kapao@hp, 167, 165",
    "ConvNeXt_Large@lopinfer, 153, 152", "ResNet152@lopinfer, 157, 156", "DenseNet121@lopinfer, 126, 125", "RegNet_X_16GF@nsdi, 72, 71"
  })
  void stagesAreThoseOfTheNetwork(String name, int stages, int local) {
    OperatorGraph g = graph(name).graph();
    assertThat(g.stages()).hasSize(stages);
    assertThat(g.stages().stream().filter(Stage::local)).hasSize(local);
  }

  /** Receptive fields by hand: VGG19's last pool sees 268 rows at a stride of 32, so (268 - 32) / 2 beyond its own on each side. */
  @Test
  void halosAreThoseOfTheArchitecture() {
    assertThat(graph("VGG19_BN@lopinfer").deepestHalo()).isEqualTo(118);
    assertThat(graph("ResNet152@lopinfer").deepestHalo()).isGreaterThan(400);
  }

  @Test
  void theMiddleRowOfVggNeedsAllButTheFarEndsOfThePicture() {
    OperatorGraph g = graph("VGG19_BN@lopinfer").graph();
    Tensor last = g.tensor(g.stage(20).outputs().get(0));
    assertThat(last.rows()).isEqualTo(7);
    Band band = Band.of(g, IntStream.range(0, 21).boxed().toList(), List.of(new Rows(last.id(), new RowSpan(3, 4))));
    assertThat(band.rows(g.inputs().get(0))).contains(new RowSpan(0, 224));
    Band top = Band.of(g, IntStream.range(0, 21).boxed().toList(), List.of(new Rows(last.id(), new RowSpan(0, 1))));
    assertThat(top.rows(g.inputs().get(0))).contains(new RowSpan(0, 32 + 118));
  }

  @Test
  void aResidualBlockIsReadOnceThoughItsSumIsOverwrittenByItsActivation() {
    OperatorGraph g = graph("ResNet152@lopinfer").graph();
    assertThat(g.operators()).allSatisfy(o -> assertThat(o.inputs()).as(o.name()).hasSizeBetween(1, 2));
    assertThat(g.stages()).allSatisfy(s -> assertThat(s.outputs()).hasSize(1));
  }

  /** What is global of a detector gets the selected candidates of each scale, its own part of them, not all that the scales found. */
  @Test
  void candidatesAreSelectedOfTheRowsOfEachScale() {
    for (String name : List.of("kapao@lopinfer", "kapao@hp", "kapao@nsdi")) {
      OperatorGraph g = graph(name).graph();
      List<Stage> global = g.stages().stream().filter(s -> !s.local()).toList();
      assertThat(global).as(name).hasSize(2).allSatisfy(s -> assertThat(s.inputs()).as(name).hasSize(4));
      List<Tensor> crossing = global.stream().flatMap(s -> s.inputs().stream()).map(g::tensor).toList();
      assertThat(crossing).as(name).extracting(Tensor::rows).containsExactlyElementsOf(
          name.endsWith("lopinfer") ? List.of(80, 40, 20, 10, 80, 40, 20, 10) : List.of(120, 60, 30, 15, 120, 60, 30, 15));
      long selected = 57 * (name.endsWith("lopinfer") ? 975 + 1799 : 755 + 1673);
      // Positions, and what a row of a small scale is rounded up to.
      assertThat(crossing.stream().mapToLong(t -> t.shape().elements()).sum()).as(name).isBetween(selected, (long) (selected * 1.02 + 400));
    }
  }

  @Test
  void aByteInputSavesThreeQuartersOfTheAirAndAlmostNoTime() {
    LoggedGraph floats = graph("VGG19_BN@lopinfer");
    LoggedGraph bytes = LoggedImporter.load(profiles().read("VGG19_BN@lopinfer"), true);
    assertThat(bytes.graph().tensor(bytes.graph().inputs().get(0)).type()).isEqualTo(DataType.UINT8);
    assertThat(bytes(bytes.graph(), bytes.graph().inputs()) * 4).isEqualTo(bytes(floats.graph(), floats.graph().inputs()));
    assertThat(bytes.graph().hash()).isNotEqualTo(floats.graph().hash());
    assertThat(bytes.graph().stages()).hasSameSizeAs(floats.graph().stages());
    assertThat(Arrays.stream(bytes.robotMillis()).sum() - Arrays.stream(floats.robotMillis()).sum()).isBetween(0.001, 0.2);
  }

  @Test
  void aModelThatTakesBytesStaysAsItIs() {
    LoggedModel kapao = profiles().read("kapao@lopinfer");
    assertThat(LoggedImporter.load(kapao, true).graph().hash()).isEqualTo(LoggedImporter.load(kapao, false).graph().hash());
  }

  @Test
  void aProfileWithoutGeometryIsRefusedAndThoseThatHaveItAreNamed() {
    LoggedFiles files = profiles();
    assertThatThrownBy(() -> files.read("lenet@lopinfer")).isInstanceOf(ProfileRefused.class).hasMessageContaining("no such file");
    assertThatThrownBy(() -> files.read("ResNet101@hp")).isInstanceOf(ProfileRefused.class)
        .hasMessageContaining("no geometry").hasMessageContaining("agrnav@hp, ");
  }
}
