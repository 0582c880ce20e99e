package dev.tilestream.membership;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * {@code tilestream.membership} of the configuration; {@code application.conf} tells what each is for.
 *
 * @param lookEvery between two looks for members that were given up
 * @param finishRequests how long a node that stops or starts anew waits for its requests to end
 * @param finishTiles how long one that leaves waits for tiles that it runs for others
 * @param holdRequests how long a request waits for a node that starts anew
 * @param shortestPause before a node joins again; doubled each time
 */
public record MembershipSettings(
    Duration lookEvery, Duration finishRequests, Duration finishTiles, Duration holdRequests, Duration shortestPause, Duration longestPause) {
  public static MembershipSettings from(Config config) {
    Config c = config.getConfig("tilestream.membership");
    return new MembershipSettings(
        c.getDuration("look-every"), c.getDuration("finish-requests"), c.getDuration("finish-tiles"), c.getDuration("hold-requests"),
        c.getDuration("shortest-pause"), c.getDuration("longest-pause"));
  }
}
