package dev.tilestream.membership;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.Address;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.Reachability;
import akka.cluster.UniqueAddress;
import akka.util.Version;
import java.util.Set;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class EstrangementTest {
  private final Member robot = member(1);
  private final Member edge = member(2);
  private final Member cart = member(3);

  private static Member member(int port) {
    UniqueAddress address = new UniqueAddress(new Address("akka", "fleet", "10.0.0.1", port), port);
    return new Member(address, port, MemberStatus.up(), CollectionConverters.asScala(Set.of("dc-default")).<String>toSet(), Version.Zero());
  }

  private static Reachability unreachable(Reachability before, Member observer, Member subject) {
    return before.unreachable(observer.uniqueAddress(), subject.uniqueAddress());
  }

  private static Estrangement seenBy(Member self, Reachability observed, Member... unreachable) {
    return Estrangement.of(Set.of(unreachable), self.uniqueAddress(), observed);
  }

  @Test
  void whoOfNothingIsHeardIsApart() {
    Reachability observed = unreachable(unreachable(Reachability.empty(), robot, edge), cart, edge);
    Estrangement now = seenBy(robot, observed, edge);
    assertThat(now.apart()).containsExactly(edge);
    assertThat(now.bridged()).isEmpty();
  }

  @Test
  void aBrokenLinkThatAThirdBridgesIsNoPartition() {
    Reachability observed = unreachable(unreachable(Reachability.empty(), robot, edge), edge, robot);
    assertThat(seenBy(robot, observed, edge).bridged()).containsExactly(edge);
    assertThat(seenBy(edge, observed, robot).bridged()).containsExactly(robot);
    Estrangement third = seenBy(cart, observed, robot, edge);
    assertThat(third.apart()).as("who hears both judges neither").isEmpty();
    assertThat(third.bridged()).isEmpty();
  }

  @Test
  void whoWasReachedAgainIsNeither() {
    Reachability observed = unreachable(Reachability.empty(), robot, edge).reachable(robot.uniqueAddress(), edge.uniqueAddress());
    assertThat(seenBy(robot, observed).apart()).isEmpty();
    assertThat(seenBy(robot, observed, edge).apart()).isEmpty();
  }
}
