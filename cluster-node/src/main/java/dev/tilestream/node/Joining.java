package dev.tilestream.node;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.ClusterCommand;
import akka.cluster.typed.Join;
import akka.cluster.typed.JoinSeedNodes;
import java.time.Duration;
import java.util.List;

/**
 * Brings a node into its cluster. A seed that is not up yet is asked again every second: Akka itself would wait as long as for one that
 * may have failed, so a node that comes up before its seed would be ready five seconds after it.
 */
final class Joining {
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private record Tick() {}

  private Joining() {}

  /**
   * @param seeds members to join through, this node perhaps among them; the first of them founds the cluster when no other answers. None: a
   *     cluster of its own
   */
  static Behavior<?> through(List<Address> seeds) {
    return Behaviors.<Tick>setup(context -> {
      Cluster cluster = Cluster.get(context.getSystem());
      Address self = cluster.selfMember().address();
      ActorRef<ClusterCommand> manager = cluster.manager();
      if (seeds.isEmpty()) {
        manager.tell(Join.create(self));
        return Behaviors.stopped();
      }
      manager.tell(new JoinSeedNodes(seeds));
      // The first asks by itself, and must come to the end of its asking before it may found one.
      if (seeds.get(0).equals(self)) return Behaviors.stopped();
      return Behaviors.withTimers(timers -> {
        timers.startTimerWithFixedDelay(new Tick(), AGAIN);
        return Behaviors.receiveMessage(tick -> {
          if (cluster.selfMember().status() != MemberStatus.removed()) return Behaviors.stopped();
          manager.tell(new JoinSeedNodes(seeds));
          return Behaviors.same();
        });
      });
    });
  }
}
