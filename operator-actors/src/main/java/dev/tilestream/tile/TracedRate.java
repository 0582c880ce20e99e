package dev.tilestream.tile;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A rate that follows a trace from a given moment on; before it, the trace's mean holds. Devices that share the moment share the weather.
 *
 * @param startEpochMillis on {@link System#currentTimeMillis}'s clock
 */
public record TracedRate(RateTrace trace, long startEpochMillis) {
  public TracedRate {
    Objects.requireNonNull(trace, "trace");
  }

  /** From the block {@code tilestream.link.emulated-trace}; empty when it names no file. */
  static Optional<TracedRate> from(Config link) {
    Config traced = link.getConfig("emulated-trace");
    String file = traced.getString("file");
    if (file.isEmpty()) return Optional.empty();
    try {
      RateTrace trace = RateTrace.read(Path.of(file)).times(traced.getDouble("factor"));
      return Optional.of(new TracedRate(trace, traced.getLong("start-epoch-millis")));
    } catch (IOException e) {
      throw new UncheckedIOException("tilestream.link.emulated-trace.file: " + e, e);
    }
  }
}
