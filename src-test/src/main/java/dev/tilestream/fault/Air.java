package dev.tilestream.fault;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.tile.RateTrace;
import java.util.Objects;
import java.util.Optional;

/**
 * What the air of a fleet carries.
 *
 * @param rate where it does not change
 * @param trace over time; goes before {@code rate}
 */
public record Air(LinkRate rate, Optional<RateTrace> trace) {
  public Air {
    Objects.requireNonNull(rate, "rate");
    Objects.requireNonNull(trace, "trace");
  }

  public static Air steady(LinkRate rate) {
    return new Air(rate, Optional.empty());
  }

  public static Air traced(RateTrace trace) {
    return new Air(new LinkRate(trace.meanBytesPerSecond() * 8), Optional.of(trace));
  }
}
