package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.Address;
import akka.actor.ExtendedActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Down;
import akka.remote.RemoteActorRefProvider;
import akka.remote.testkit.Blackhole$;
import akka.remote.testkit.Direction;
import akka.remote.testkit.SetThrottle;
import akka.remote.testkit.ThrottleMode;
import akka.remote.testkit.Unthrottled$;
import dev.tilestream.fleet.SteadyLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network between members is cut and comes back; every member is asked all the time. */
class PartitionTest {
  private static final List<String> NAMES = List.of("robot-1", "robot-2", "edge-1");
  /** What a request may wait while its node starts anew. */
  private static final Duration LONGEST = Duration.ofSeconds(15);

  @TempDir private Path directory;

  @Test
  void bothSidesServeOnAndComeTogetherAgainWithoutAHandAndWithoutALostRequest() throws Exception {
    try (TestMembers members = new TestMembers(directory, NAMES.toArray(String[]::new))) {
      NAMES.forEach(members::start);
      for (String name : NAMES) await().atMost(TestMembers.PATIENCE).until(() -> members.devices(name).size() == 3);
      List<SteadyLoad> loads = new ArrayList<>();
      for (String name : NAMES) loads.add(members.load(name));

      Node robot = members.member("robot-1").node();
      List<Node> majority = List.of(members.member("robot-2").node(), members.member("edge-1").node());
      cut(members, "robot-1", Blackhole$.MODULE$);
      await().atMost(TestMembers.PATIENCE).untilAsserted(() -> {
        assertThat(members.cluster("robot-1")).containsExactly("robot-1");
        assertThat(members.cluster("robot-2")).containsExactlyInAnyOrder("robot-2", "edge-1");
        assertThat(members.cluster("edge-1")).containsExactlyInAnyOrder("robot-2", "edge-1");
      });
      // Three when they have found each other already: the transport forgets whom it was to swallow when it forgets an association.
      await().atMost(TestMembers.PATIENCE).until(() -> members.devices("edge-1").size() >= 2);
      for (SteadyLoad load : loads) {
        long before = load.answered();
        await().atMost(Duration.ofSeconds(10)).until(() -> load.answered() > before + 5);
      }
      cut(members, "robot-1", Unthrottled$.MODULE$);
      for (String name : NAMES) {
        await().atMost(TestMembers.PATIENCE).untilAsserted(() -> assertThat(members.cluster(name)).containsExactlyInAnyOrderElementsOf(NAMES));
        await().atMost(TestMembers.PATIENCE).until(() -> members.devices(name).size() == 3);
      }
      assertThat(members.member("robot-1").node()).as("the smaller side has joined as new").isNotSameAs(robot);
      assertThat(List.of(members.member("robot-2").node(), members.member("edge-1").node())).as("the larger has gone on").isEqualTo(majority);
      for (SteadyLoad load : loads) {
        load.close();
        System.out.println(load);
        assertThat(load.wrong()).isEmpty();
        assertThat(load.refused()).as(load.toString()).isZero();
        assertThat(load.longest()).isLessThan(LONGEST);
      }
    }
  }

  /** As after a partition that only some of them saw. */
  @Test
  void aMemberThatTheOthersPutOutFinishesItsRequestsAndJoinsAsNew() throws Exception {
    try (TestMembers members = new TestMembers(directory, "robot-1", "edge-1")) {
      members.start("robot-1");
      NodeMain edge = members.start("edge-1");
      await().atMost(TestMembers.PATIENCE).until(() -> members.devices("robot-1").size() == 2 && members.devices("edge-1").size() == 2);
      SteadyLoad first = members.load("robot-1");
      SteadyLoad second = members.load("edge-1");
      await().atMost(TestMembers.PATIENCE).until(() -> second.answered() > 10);
      Node before = edge.node();

      Cluster.get(members.member("robot-1").node().system()).manager().tell(new Down(address(members, "edge-1")));
      await().atMost(TestMembers.PATIENCE).until(() -> edge.node() != before);
      await().atMost(TestMembers.PATIENCE).until(() -> members.devices("robot-1").size() == 2 && members.devices("edge-1").size() == 2);
      for (SteadyLoad load : List.of(first, second)) {
        load.close();
        System.out.println(load);
        assertThat(load.wrong()).isEmpty();
        assertThat(load.refused()).as(load.toString()).isZero();
        assertThat(load.longest()).isLessThan(LONGEST);
      }
      await().atMost(TestMembers.PATIENCE).untilAsserted(
          () -> assertThat(edge.node().backend().pool().inUse()).as("native memory, which both starts had from one pool").isZero());
    }
  }

  /** Between {@code name} and all others, both ways. */
  private static void cut(TestMembers members, String name, ThrottleMode mode) {
    for (String other : NAMES) {
      if (other.equals(name)) continue;
      throttle(members, name, other, mode);
      throttle(members, other, name, mode);
    }
  }

  private static void throttle(TestMembers members, String at, String to, ThrottleMode mode) {
    var system = (ExtendedActorSystem) Adapter.toClassic(members.member(at).node().system());
    ((RemoteActorRefProvider) system.provider()).transport().managementCommand(
        new SetThrottle(address(members, to), Direction.Both$.MODULE$, mode));
  }

  private static Address address(TestMembers members, String name) {
    return new Address("akka", "tilestream", "127.0.0.1", members.port(name));
  }
}
