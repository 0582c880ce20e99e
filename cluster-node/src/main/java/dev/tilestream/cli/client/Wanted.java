package dev.tilestream.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an inference is asked with.
 *
 * @param strategy empty: the model's default
 * @param halo rows that devices see beyond their share; empty: the model's, which is all that they need unless it says otherwise
 * @param timeline whether the answer tells who computed when; see {@link RemoteAnswer#busyMillis}
 */
public record Wanted(Optional<String> strategy, OptionalInt halo, boolean timeline) {
  public static Wanted by(Optional<String> strategy) {
    return new Wanted(strategy, OptionalInt.empty(), false);
  }

  void write(ObjectNode parameters) {
    strategy.ifPresent(s -> parameters.put("strategy", s));
    halo.ifPresent(rows -> parameters.put("halo", rows));
    if (timeline) parameters.put("timeline", true);
  }
}
