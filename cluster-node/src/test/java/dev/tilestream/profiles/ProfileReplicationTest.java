package dev.tilestream.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.MemberStatus;
import akka.cluster.ddata.Flag;
import akka.cluster.ddata.FlagKey;
import akka.cluster.ddata.typed.javadsl.DistributedData;
import akka.cluster.ddata.typed.javadsl.Replicator;
import akka.cluster.ddata.typed.javadsl.Replicator.UpdateResponse;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.JoinSeedNodes;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Power;
import dev.tilestream.scheduler.profile.ProfileCodec;
import dev.tilestream.scheduler.profile.StageTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two real members. */
class ProfileReplicationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private record Device(ActorSystem<ProfileReplication.Command> system, SharedProfiles shared) {
    static Device start(String name) {
      SharedProfiles shared = new SharedProfiles();
      return new Device(ActorSystem.create(ProfileReplication.create(name, shared), "tilestream", ConfigFactory.parseString("""
          akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
          akka.cluster.run-coordinated-shutdown-when-down = off
          # A system that ends says nothing of it to the others, unless a test has it leave.
          akka.coordinated-shutdown.run-by-actor-system-terminate = off
          akka.cluster.failure-detector.acceptable-heartbeat-pause = 4s
          """).withFallback(ConfigFactory.load())), shared);
    }

    void join(Device seed) {
      Cluster.get(system).manager().tell(new JoinSeedNodes(List.of(Cluster.get(seed.system).selfMember().address())));
    }

    void publish(DeviceProfile profile, boolean measured) {
      system.tell(new ProfileReplication.Publish(profile, measured));
    }

    void stop() {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  private static Device robot;
  private static Device edge;

  @BeforeAll
  static void start() {
    robot = Device.start("robot");
    edge = Device.start("edge");
    robot.join(robot);
    edge.join(robot);
    for (Device d : List.of(robot, edge))
      await().atMost(PATIENCE).until(() -> Cluster.get(d.system).state().members().size() == 2);
  }

  @AfterAll
  static void stop() {
    edge.stop();
    robot.stop();
  }

  private static DeviceProfile profile(String device, String graph, double seconds) {
    StageTime stage = StageTime.linear(seconds / 8, seconds);
    return ProfileCodec.decode(ProfileCodec.encode(new DeviceProfile(device, graph, List.of(stage, stage), 1, 0, Power.ROBOT)));
  }

  @Test
  void whatOneMeasuresTheOtherKnowsAndHearsOfItsChanges() {
    Queue<DeviceProfile> changes = new ConcurrentLinkedQueue<>();
    robot.shared.listen(changes::add);
    edge.publish(profile("edge", "g1", 0.5), false);
    assertThat(robot.shared.await("g1", "edge", PATIENCE).toCompletableFuture().join()).isEqualTo(profile("edge", "g1", 0.5));
    assertThat(changes).isEmpty();
    edge.publish(profile("edge", "g1", 1), true);
    assertThat(robot.shared.awaitMeasured("g1", "edge", PATIENCE).toCompletableFuture().join()).isEqualTo(profile("edge", "g1", 1));
    assertThat(changes).containsExactly(profile("edge", "g1", 1));
  }

  @Test
  void nobodyWritesForAnotherDevice() {
    // A member that lies: its entry stands under another's name, so that device writes its own again.
    edge.publish(profile("edge", "g2", 0.5), true);
    robot.shared.awaitMeasured("g2", "edge", PATIENCE).toCompletableFuture().join();
    Device liar = Device.start("edge");
    try {
      liar.join(robot);
      await().atMost(PATIENCE).until(() -> Cluster.get(robot.system).state().members().size() == 3);
      liar.publish(profile("edge", "g2", 9), true);
      await().atMost(PATIENCE).until(() -> robot.shared.find("g2", "edge").filter(p -> p.equals(profile("edge", "g2", 0.5))).isPresent());
      liar.publish(profile("someone", "g3", 9), true);
      edge.publish(profile("edge", "g4", 0.5), true);
      robot.shared.awaitMeasured("g4", "edge", PATIENCE).toCompletableFuture().join();
      assertThat(robot.shared.find("g3", "someone")).as("a profile under another's key").isEmpty();
      assertThat(robot.shared.find("g3", "edge")).isEmpty();
    } finally {
      Cluster.get(liar.system).manager().tell(akka.cluster.typed.Leave.create(Cluster.get(liar.system).selfMember().address()));
      await().atMost(PATIENCE).until(() -> Cluster.get(robot.system).state().members().size() == 2);
      liar.stop();
    }
  }

  private static long up(Device device) {
    return StreamSupport.stream(Cluster.get(device.system).state().getMembers().spliterator(), false)
        .filter(m -> m.status() == MemberStatus.up()).count();
  }

  /** To all members, begun after whatever was written before. */
  private static UpdateResponse<Flag> writeToAll(Device device) {
    return AskPattern.<Replicator.Command, UpdateResponse<Flag>>ask(
        DistributedData.get(device.system).replicator(),
        replyTo -> new Replicator.Update<>(
            FlagKey.create("test"), Flag.create(), new Replicator.WriteAll(Duration.ofSeconds(2)), replyTo, Flag::switchOn),
        PATIENCE, device.system.scheduler()).toCompletableFuture().join();
  }

  @Test
  void aMemberThatAnswersNothingDisturbsNobody() {
    Device dead = Device.start("dead");
    dead.join(robot);
    // Members that are not up yet are not written to.
    await().atMost(PATIENCE).until(() -> writeToAll(dead) instanceof Replicator.UpdateSuccess && up(edge) == 3);
    var address = Cluster.get(dead.system).selfMember().address();
    dead.stop();
    for (int k = 0; k < 16; k++) edge.publish(profile("edge", "g6-" + k, 1), true);
    robot.shared.awaitMeasured("g6-15", "edge", PATIENCE).toCompletableFuture().join();
    assertThat(writeToAll(edge)).as("those before have given up by now").isInstanceOf(Replicator.UpdateTimeout.class);
    edge.publish(profile("edge", "g7", 1), true);
    robot.shared.awaitMeasured("g7", "edge", PATIENCE).toCompletableFuture().join();
    Cluster.get(robot.system).manager().tell(new akka.cluster.typed.Down(address));
    for (Device d : List.of(robot, edge)) await().atMost(PATIENCE).until(() -> Cluster.get(d.system).state().members().size() == 2);
  }

  @Test
  void loadsAreSharedToo() {
    DeviceLoad busy = new DeviceLoad("edge", 0.004, 0.5, 0.01, 0.3, Map.of(7L, 0.5));
    assertThat(robot.shared.load("edge").utilisation()).isZero();
    edge.system.tell(new ProfileReplication.PublishLoad(busy));
    await().atMost(PATIENCE).until(() -> robot.shared.load("edge").equals(busy));
  }

  @Test
  void whatADeviceThatLeftHasSharedIsRemoved() {
    Device other = Device.start("other");
    other.join(robot);
    await().atMost(PATIENCE).until(() -> Cluster.get(robot.system).state().members().size() == 3);
    other.publish(profile("other", "g5", 1), true);
    robot.shared.awaitMeasured("g5", "other", PATIENCE).toCompletableFuture().join();
    Cluster.get(other.system).manager().tell(akka.cluster.typed.Leave.create(Cluster.get(other.system).selfMember().address()));
    await().atMost(PATIENCE).until(() -> Cluster.get(robot.system).state().members().size() == 2);
    other.stop();
    robot.system.tell(new ProfileReplication.Sweep());
    robot.system.tell(new ProfileReplication.Sweep());
    await().atMost(PATIENCE).until(() -> robot.shared.find("g5", "other").isEmpty());
  }
}
