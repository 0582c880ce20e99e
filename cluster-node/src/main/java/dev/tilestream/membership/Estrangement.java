package dev.tilestream.membership;

import akka.cluster.Cluster;
import akka.cluster.Member;
import akka.cluster.Reachability;
import akka.cluster.UniqueAddress;
import java.util.HashSet;
import java.util.Set;

/**
 * Whom a node cannot reach itself, and how. That others cannot reach somebody is theirs to judge: whoever hears both ends of a broken link would
 * otherwise put out both.
 *
 * @param apart nothing is heard of them
 * @param bridged that they cannot reach this node either has been heard, so somebody hears both
 */
record Estrangement(Set<Member> apart, Set<Member> bridged) {
  Estrangement {
    apart = Set.copyOf(apart);
    bridged = Set.copyOf(bridged);
  }

  static Estrangement of(Cluster cluster) {
    // Who observed what is in Akka's gossip, which its own resolver reads in the same way.
    return of(cluster.state().getUnreachable(), cluster.selfUniqueAddress(), cluster.readView().reachability());
  }

  static Estrangement of(Set<Member> unreachable, UniqueAddress self, Reachability observed) {
    Set<Member> apart = new HashSet<>();
    Set<Member> bridged = new HashSet<>();
    for (Member member : unreachable) {
      if (observed.isReachable(self, member.uniqueAddress())) continue;
      if (observed.isReachable(member.uniqueAddress(), self)) apart.add(member);
      else bridged.add(member);
    }
    return new Estrangement(apart, bridged);
  }
}
