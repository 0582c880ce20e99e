package dev.tilestream.scheduler.logged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.logged.LoggedFiles;
import dev.tilestream.graph.logged.LoggedGraph;
import dev.tilestream.graph.logged.LoggedImporter;
import dev.tilestream.graph.logged.LoggedModel;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.StageTime;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real robots' logs as profiles. */
class LoggedProfilesTest {
  private static final Path DATA = Path.of(System.getProperty("tilestream.data", "../../shared/data")).resolve("jetson");

  private static LoggedModel model(String name) {
    Assumptions.assumeTrue(Files.isDirectory(DATA), () -> "test data absent: " + DATA + " (set -Dtilestream.data)");
    return new LoggedFiles(DATA.resolve("profiles")).read(name);
  }

  private static LoggedFleet fleet(String name) {
    LoggedModel model = model(name);
    PublishedFigures figures = PublishedFigures.read(DATA.resolve("published.csv"));
    return LoggedFleet.of(LoggedImporter.load(model, false), LoggedPower.robot(model, figures), 2, Medium.SHARED);
  }

  @Test
  void stagesOfADeviceAddUpToItsLoggedPass() {
    DeviceProfile robot = fleet("agrnav@lopinfer").devices().get(0);
    assertThat(robot.stages().stream().mapToDouble(StageTime::whole).sum()).isCloseTo(0.7753, within(1e-4));
    DeviceProfile server = fleet("agrnav@lopinfer").devices().get(1);
    assertThat(server.stages().stream().mapToDouble(StageTime::whole).sum()).isCloseTo(0.0553, within(1e-4));
  }

  @Test
  void fewRowsTakeTheFloorOfEveryOperator() {
    LoggedGraph g = LoggedImporter.load(model("VGG19_BN@lopinfer"), false);
    DeviceProfile robot = LoggedProfiles.robot(g, "robot", Power.ROBOT);
    DeviceProfile server = LoggedProfiles.server(g, "server");
    // Stage 1 is a convolution, a normalisation and an activation, each well above the floors.
    assertThat(g.graph().stage(1).operators()).hasSize(3);
    assertThat(robot.stages().get(1).at(0)).isCloseTo(3 * 30e-6, within(1e-9));
    assertThat(server.stages().get(1).at(0)).isCloseTo(3 * 15e-6, within(1e-9));
    double whole = robot.stages().get(1).whole();
    assertThat(robot.stages().get(1).at(0.5)).isCloseTo((3 * 30e-6 + whole) / 2, within(1e-9));
  }

  @Test
  void powerIsThatOfTheBoardWhileComputingAndWhileWaiting() {
    PublishedFigures figures = PublishedFigures.read(DATA.resolve("published.csv"));
    Power vgg = LoggedPower.robot(model("VGG19_BN@lopinfer"), figures);
    assertThat(vgg.computeWatts()).isCloseTo(1.2285 / 0.08699, within(1e-6));
    assertThat(vgg.idleWatts()).isCloseTo(0.4349 / 0.08853, within(1e-6));
    assertThat(LoggedPower.robot(model("VGG19_BN@lopinfer"), PublishedFigures.NONE).idleWatts()).isEqualTo(4.8);
  }

  /** What simple arithmetic says: the pass, or bytes over rate plus the server's pass. */
  @ParameterizedTest
  @CsvSource({"VGG19_BN@lopinfer, 86.8", "agrnav@lopinfer, 775.3", "kapao@lopinfer, 393.2", "ConvNeXt_Large@lopinfer, 205.3"})
  void aLocalPlanTakesTheLoggedPass(String name, double millis) {
    LoggedFleet fleet = fleet(name);
    Fleet at = fleet.at(94, 0);
    Plan plan = Planners.of(Strategy.LOCAL).plan(fleet.logged().graph(), at, PlanOptions.DEFAULT);
    assertThat(plan.predictedSeconds() * 1e3).isCloseTo(millis, within(0.5));
  }

  @Test
  void offloadingTakesAtLeastItsBytesAndAtMostThemAndTheServersPass() {
    LoggedFleet fleet = fleet("agrnav@lopinfer");
    Plan plan = Planners.of(Strategy.OFFLOAD).plan(fleet.logged().graph(), fleet.at(94, 0), PlanOptions.DEFAULT);
    double air = 2 * 2097152 * 8 / 94e3;
    assertThat(plan.predictedSeconds() * 1e3).isBetween(air, air + 55.3 + 5);
  }
}
