package dev.tilestream.session;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Locale;

/**
 * @param window requests of one stream under way at once; more are refused
 * @param askTimeout how long a request waits for its session; behind it the request is served without, since a session that moves to
 *     another node must not stop the source
 * @param allocation where a session's shard is put
 * @param ticketLife after which an admitted request that never reported its end no longer counts
 */
public record SessionSettings(int window, Allocation allocation, Duration askTimeout, Duration ticketLife) {
  /** Where shards are put. */
  public enum Allocation {
    /** Where they are first asked for, and there they stay. */
    NEAR_SOURCE,
    /** Where the fewest are, rebalanced when members come, as {@code akka.cluster.sharding} says. */
    LEAST_SHARDS;

    private static Allocation of(String word) {
      for (Allocation a : values()) if (a.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(word)) return a;
      throw new IllegalArgumentException("tilestream.session.allocation: " + word + " (expected: near-source or least-shards)");
    }
  }

  public SessionSettings {
    if (window < 1) throw new IllegalArgumentException("tilestream.session.window: " + window + " (expected: at least 1)");
  }

  public static SessionSettings from(Config config) {
    Config c = config.getConfig("tilestream.session");
    return new SessionSettings(
        c.getInt("window"), Allocation.of(c.getString("allocation")), c.getDuration("ask-timeout"), c.getDuration("ticket-life"));
  }
}
