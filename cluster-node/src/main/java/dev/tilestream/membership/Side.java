package dev.tilestream.membership;

import akka.actor.Address;
import akka.cluster.Member;
import java.util.Collections;
import java.util.Set;

/** The members of one of several clusters that ought to be one. */
record Side(Set<Address> members) {
  Side {
    members = Set.copyOf(members);
    if (members.isEmpty()) throw new IllegalArgumentException("side: no members (expected: at least one)");
  }

  /**
   * Whether this side's members go over to {@code other}: the smaller side does, of two equal ones that without the lowest address. Never
   * both, whoever asks.
   */
  boolean yieldsTo(Side other) {
    if (members.size() != other.members.size()) return members.size() < other.members.size();
    return Member.addressOrdering().compare(other.lowest(), lowest()) < 0;
  }

  private Address lowest() {
    return Collections.min(members, Member.addressOrdering());
  }
}
