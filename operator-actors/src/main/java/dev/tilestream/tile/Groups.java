package dev.tilestream.tile;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** What of a device's kernels may be computed together, by what tells their groups apart. Thread-safe. */
final class Groups {
  private final LaneSettings settings;
  private final Executor background;
  private final Map<String, Together> groups = new HashMap<>();

  /** @param background where kernels for several are made and closed */
  Groups(LaneSettings settings, Executor background) {
    this.settings = settings;
    this.background = background;
  }

  /** That of this kernel; the caller holds it. */
  Optional<Together> of(KernelLease lease) {
    if (settings.batch() == 1) return Optional.empty();
    Optional<String> key = lease.kernel().group();
    if (key.isEmpty()) return Optional.empty();
    Together group;
    synchronized (groups) {
      group = groups.get(key.get());
      if (group == null || !group.join(lease)) {
        group = new Together(lease, settings, background);
        groups.put(key.get(), group);
      }
    }
    Together joined = group;
    lease.closed().whenComplete((none, failure) -> later(() -> left(key.get(), joined)));
    return Optional.of(group);
  }

  /** Not where a lease was given back: that may hold locks. */
  private void later(Runnable work) {
    try {
      background.execute(work);
    } catch (RejectedExecutionException ending) {
      new Thread(work, "tilestream-groups").start();
    }
  }

  /** With the last kernel of a group the one for several goes. */
  private void left(String key, Together group) {
    synchronized (groups) {
      if (!group.closeUnused()) return;
      groups.remove(key, group);
    }
  }
}
