package dev.tilestream.scheduler.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/** What was asked for last, as much as it may hold. Not thread-safe. */
final class Latest<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1;

  private final int most;

  Latest(int most) {
    super(64, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
