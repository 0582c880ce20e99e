package dev.tilestream.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks again and again whom the source has as members; remembers when one was missing. */
final class MemberWatch implements AutoCloseable {
  private static final long POLL_MILLIS = 200;
  /** What a member is on its way out, or when it has been put out. */
  private static final Set<String> LEAVING = Set.of("leaving", "exiting", "down", "removed");

  private record Missing(String name, long atNanos) {}

  private final NodeFace source;
  private final List<Missing> missing = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "member-watch");

  private MemberWatch(NodeFace source) {
    this.source = source;
  }

  static MemberWatch of(LiveNode source) {
    MemberWatch watch = new MemberWatch(source.face());
    watch.thread.setDaemon(true);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        long now = System.nanoTime();
        Optional<Map<String, String>> members = source.members();
        if (members.isPresent())
          for (String name : Ground.NAMES) if (LEAVING.contains(members.get().getOrDefault(name, "removed"))) note(new Missing(name, now));
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void note(Missing one) {
    missing.add(one);
  }

  /** Whether the source has had it for a member at all times since. */
  synchronized boolean kept(String name, long sinceNanos) {
    return missing.stream().noneMatch(m -> m.name.equals(name) && m.atNanos - sinceNanos >= 0);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
