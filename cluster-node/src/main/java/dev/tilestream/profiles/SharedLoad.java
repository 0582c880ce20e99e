package dev.tilestream.profiles;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.tensor.wire.ControlMessage;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link DeviceLoad} as members share it, unchecked until it is read. */
record SharedLoad(
    @JsonProperty("writer") long writer, @JsonProperty("wait") double waitSeconds, @JsonProperty("utilisation") double utilisation,
    @JsonProperty("tile") double tileSeconds, @JsonProperty("variation") double variation,
    @JsonProperty("sources") Map<Long, Double> bySource) implements ControlMessage {
  private static final Logger LOG = LoggerFactory.getLogger(SharedLoad.class);

  static SharedLoad of(long writer, DeviceLoad load) {
    return new SharedLoad(writer, load.waitSeconds(), load.utilisation(), load.tileSeconds(), load.variation(), load.bySource());
  }

  /** What it says of {@code device}, if it can be. */
  Optional<DeviceLoad> of(String device) {
    try {
      return Optional.of(new DeviceLoad(
          device, waitSeconds, utilisation, tileSeconds, variation, bySource == null ? Map.of() : bySource));
    } catch (IllegalArgumentException | NullPointerException e) {
      LOG.warn("load shared as {}: not used: {}", device, e.getMessage());
      return Optional.empty();
    }
  }
}
