package dev.tilestream.profiles;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.ProfileCodec;
import dev.tilestream.tensor.wire.ControlMessage;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A profile as members share it. It is looked into only when it is read, so that what one member got wrong costs its own profile and not
 * the message that carries those of others.
 *
 * @param writer unique id of the member that wrote it
 * @param measured false while it is an estimate
 * @param encoded by {@link ProfileCodec}
 */
record SharedProfile(
    @JsonProperty("writer") long writer, @JsonProperty("measured") boolean measured, @JsonProperty("encoded") byte[] encoded)
    implements ControlMessage {
  private static final Logger LOG = LoggerFactory.getLogger(SharedProfile.class);
  /** What no sensible profile exceeds: 65536 stages with a few points each. */
  private static final int LARGEST = 4 << 20;

  static SharedProfile of(long writer, boolean measured, DeviceProfile profile) {
    return new SharedProfile(writer, measured, ProfileCodec.encode(profile));
  }

  /** The profile, if it is one, and that of {@code device} for the graph. */
  Optional<DeviceProfile> decode(String device, String graphHash) {
    try {
      if (encoded == null || encoded.length > LARGEST)
        throw new IllegalArgumentException("%s bytes (expected: 1 to %d)".formatted(encoded == null ? "no" : encoded.length, LARGEST));
      DeviceProfile profile = ProfileCodec.decode(encoded);
      if (!profile.device().equals(device) || !profile.graphHash().equals(graphHash))
        throw new IllegalArgumentException("of %s for %s (expected: its key)".formatted(profile.device(), profile.graphHash()));
      return Optional.of(profile);
    } catch (IllegalArgumentException e) {
      LOG.warn("profile shared as {} for {}: not used: {}", device, graphHash, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof SharedProfile p && writer == p.writer && measured == p.measured && Arrays.equals(encoded, p.encoded);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(writer) + Arrays.hashCode(encoded);
  }
}
