package dev.tilestream.membership;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * For how long members have been out of reach. Counts looks instead of time, so that a device which stood still itself does not blame others
 * for it. Not thread-safe.
 */
final class Absences {
  private final int patience;
  private final Map<Object, Integer> looks = new HashMap<>();

  /** @param patience after so many looks in a row a member is overdue */
  Absences(int patience) {
    if (patience < 1) throw new IllegalArgumentException("patience: %d looks (expected: at least 1)".formatted(patience));
    this.patience = patience;
  }

  /** @param unreachable at this look; those that are so for as many looks as it takes are returned, again and again until they go */
  <M> List<M> overdue(Set<M> unreachable) {
    looks.keySet().retainAll(unreachable);
    List<M> overdue = new ArrayList<>();
    for (M member : unreachable) if (looks.merge(member, 1, Integer::sum) >= patience) overdue.add(member);
    return overdue;
  }
}
