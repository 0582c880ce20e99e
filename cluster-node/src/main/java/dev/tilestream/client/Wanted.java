package dev.tilestream.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an inference is asked with.
 *
 * @param strategy empty: the model's default
 * @param halo rows that devices see beyond their share; empty: the model's, which is all that they need unless it says otherwise
 * @param objective what its plan is chosen for, as {@link dev.tilestream.scheduler.plan.WrittenObjective} reads it; empty: the model's
 * @param timeline whether the answer tells who computed when; see {@link RemoteAnswer#busyMillis}
 */
public record Wanted(Optional<String> strategy, OptionalInt halo, Optional<String> objective, boolean timeline) {
  public static Wanted by(Optional<String> strategy) {
    return new Wanted(strategy, OptionalInt.empty(), Optional.empty(), false);
  }

  /** With the model's objective. */
  public Wanted(Optional<String> strategy, OptionalInt halo, boolean timeline) {
    this(strategy, halo, Optional.empty(), timeline);
  }

  void write(ObjectNode parameters) {
    strategy.ifPresent(s -> parameters.put("strategy", s));
    halo.ifPresent(rows -> parameters.put("halo", rows));
    objective.ifPresent(o -> parameters.put("objective", o));
    if (timeline) parameters.put("timeline", true);
  }

  /** The same as the query of an address: empty, or from its question mark on. */
  String query() {
    Map<String, String> said = new LinkedHashMap<>();
    strategy.ifPresent(s -> said.put("strategy", s));
    halo.ifPresent(rows -> said.put("halo", Integer.toString(rows)));
    objective.ifPresent(o -> said.put("objective", o));
    if (timeline) said.put("timeline", "true");
    StringBuilder query = new StringBuilder();
    said.forEach((name, value) ->
        query.append(query.isEmpty() ? '?' : '&').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return query.toString();
  }
}
