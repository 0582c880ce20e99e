package dev.tilestream.session;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * @param window requests of one stream under way at once; more are refused
 * @param askTimeout how long a request waits for its session; behind it the request is served without, since a session that moves to
 *     another node must not stop the source
 * @param ticketLife after which an admitted request that never reported its end no longer counts
 */
public record SessionSettings(int window, Duration askTimeout, Duration ticketLife) {
  public SessionSettings {
    if (window < 1) throw new IllegalArgumentException("tilestream.session.window: " + window + " (expected: at least 1)");
  }

  public static SessionSettings from(Config config) {
    Config c = config.getConfig("tilestream.session");
    return new SessionSettings(c.getInt("window"), c.getDuration("ask-timeout"), c.getDuration("ticket-life"));
  }
}
