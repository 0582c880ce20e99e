package dev.tilestream.models;

import dev.tilestream.repository.ModelId;
import dev.tilestream.repository.Sha256;
import java.util.Objects;
import java.util.Optional;

/**
 * A model as members tell each other of it.
 *
 * @param size bytes of the ONNX file
 * @param config what its {@code config.json} says, unparsed; empty when there is none
 */
public record ModelRecord(String name, String version, String sha256, long size, byte[] config) {
  /** Larger than any sensible list of labels, and small enough for a message. */
  private static final int LARGEST_CONFIG = 256 << 10;

  /** @throws IllegalArgumentException when a peer sent what can't be a model */
  public ModelRecord {
    ModelId.checkName(Objects.requireNonNull(name, "name"));
    ModelId.checkVersion(Objects.requireNonNull(version, "version"));
    Sha256.check(Objects.requireNonNull(sha256, "sha256"));
    if (size < 0) throw new IllegalArgumentException("model %s: %d bytes (expected: not negative)".formatted(name, size));
    Objects.requireNonNull(config, "config");
    if (config.length > LARGEST_CONFIG)
      throw new IllegalArgumentException(
          "model %s: config.json of %d bytes (expected: at most %d)".formatted(name, config.length, LARGEST_CONFIG));
    config = config.clone();
  }

  static ModelRecord of(ModelId id, String sha256, long size, Optional<byte[]> config) {
    return new ModelRecord(id.name(), id.version(), sha256, size, config.orElse(new byte[0]));
  }

  public ModelId id() {
    return new ModelId(name, version);
  }
}
