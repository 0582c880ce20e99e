package dev.tilestream.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real nodes, several requests at once, and faults: every request is answered, and answered right. How fast is for benches to say. */
class FaultsIT {
  private static final Air AIR = Air.steady(LinkRate.parse("93mbit"));
  private static final List<String> STRATEGIES = List.of("even", "hybrid");
  private static final int CLIENTS = 3;
  private static final double ROBOT_SPEED = 0.5;
  private static final Duration RECOVERY = Duration.ofSeconds(8);
  private static final long SEED = 3;

  @TempDir private Path directory;
  private TestRepository repository;
  private final List<Inflicted> faults = new ArrayList<>();
  private String sourceLog;

  @BeforeEach
  void prepare() {
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 96, 96);
    String x = model.node("Relu", List.of(model.node("Conv", List.of("x", model.heWeights(16, 3, 3, 3)))));
    x = model.node("Relu", List.of(model.node("Conv", List.of(x, model.heWeights(16, 16, 3, 3)))));
    x = model.node("Conv", List.of(x, model.heWeights(8, 16, 3, 3)));
    repository = new TestRepository(directory.resolve("models")).put("small", model.output(x, DataType.FLOAT32, 1, 8, 90, 90).toBytes());
  }

  /** Every fault in turn; what became of all requests. */
  private List<Asked> suffer(Ground opened, FaultKind... kinds) throws Exception {
    Questions questions = Questions.of("small", repository.file("small"));
    try (Ground ground = opened; FaultyFleet fleet = FaultyFleet.start(ground, repository.directory(), ROBOT_SPEED, 1, directory.resolve("fleet"))) {
      fleet.source().client().load("small");
      Load load = Load.start(questions, fleet.source().client(), STRATEGIES, CLIENTS);
      try (load; Faults inflicting = new Faults(ground, fleet, load, RECOVERY, SEED)) {
        for (FaultKind kind : kinds) inflicting.inflict(kind);
        faults.addAll(inflicting.all());
      }
      sourceLog = fleet.source().log();
      return load.asked();
    }
  }

  private void assertNothingLost(List<Asked> asked) {
    assertThat(asked).filteredOn(a -> a.outcome() != Asked.Outcome.RIGHT).extracting(Asked::why).as("%s", faults).isEmpty();
    assertThat(asked).hasSizeGreaterThan(20);
    assertThat(faults).filteredOn(f -> !f.kind().mayRemove()).allMatch(Inflicted::kept, "the victim is a member as before");
    assertThat(faults).anyMatch(Inflicted::hit, "the victim computed for the source");
  }

  @Test
  void nodesThatDieOrStandStillLoseNoRequest() throws Exception {
    Ground ground = EmulatedGround.open(AIR, Optional.empty(), SEED, directory);
    assertNothingLost(suffer(ground, FaultKind.KILL, FaultKind.PAUSE, FaultKind.KILL));
  }

  @Test
  void anEmulatedOutageLosesNoRequest() throws Exception {
    Ground ground = EmulatedGround.open(AIR, Optional.of(FaultKind.OUTAGE), SEED, directory);
    assertNothingLost(suffer(ground, FaultKind.OUTAGE));
    assertThat(sourceLog).as("the outage was one").contains(faults.get(0).victim() + " does not answer");
  }

  @Test
  void anAirThatFailsForEverythingLosesNoRequest() throws Exception {
    assumeThat(LabGround.absence()).as("the Wi-Fi lab").isEmpty();
    LabGround ground = LabGround.open(AIR, SEED, directory);
    assertNothingLost(suffer(ground, FaultKind.OUTAGE, FaultKind.BLACKHOLE, FaultKind.PARTITION));
  }
}
