package dev.tilestream.models;

import dev.tilestream.repository.ModelId;
import java.util.Optional;

/**
 * A model as members tell each other of it.
 *
 * @param size bytes of the ONNX file
 * @param config what its {@code config.json} says, unparsed; empty when there is none
 */
public record ModelRecord(String name, String version, String sha256, long size, byte[] config) {
  public ModelRecord {
    config = config.clone();
  }

  static ModelRecord of(ModelId id, String sha256, long size, Optional<byte[]> config) {
    return new ModelRecord(id.name(), id.version(), sha256, size, config.orElse(new byte[0]));
  }

  /** @throws IllegalArgumentException when a peer sent a name that is none */
  public ModelId id() {
    return new ModelId(name, version);
  }
}
