package dev.tilestream.tensor.wire;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * Settings under {@code tilestream.wire} and {@code tilestream.memory}.
 *
 * @param limits what the reader accepts
 * @param memoryBytes native memory that tensors may use
 * @param idleBytes native memory kept for re-use
 */
public record WireSettings(WireLimits limits, long memoryBytes, long idleBytes) {
  public WireSettings {
    if (memoryBytes < 1 || idleBytes < 0)
      throw new IllegalArgumentException(
          "tensor memory: limit %d, idle %d bytes (expected: positive, not negative)".formatted(memoryBytes, idleBytes));
  }

  /**
   * From a whole configuration, as of an actor system.
   *
   * @throws ConfigException when a setting is missing or no number
   */
  public static WireSettings from(Config config) {
    Config wire = config.getConfig("tilestream.wire");
    Config memory = config.getConfig("tilestream.memory");
    long payload = wire.getBytes("max-payload");
    if (payload > Integer.MAX_VALUE)
      throw new ConfigException.BadValue("tilestream.wire.max-payload", payload + " bytes (expected: below 2 GiB)");
    WireLimits limits = new WireLimits((int) payload, wire.getBytes("max-tensor"), wire.getInt("max-rank"), wire.getInt("max-rows"));
    return new WireSettings(limits, memory.getBytes("limit"), memory.getBytes("idle"));
  }
}
