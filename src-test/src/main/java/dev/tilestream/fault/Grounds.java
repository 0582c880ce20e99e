package dev.tilestream.fault;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Which ground fleets stand on. */
public enum Grounds {
  /** {@link LabGround}. */
  LAB,
  /** {@link EmulatedGround}. */
  EMULATED;

  /** The lab where this machine can have one. */
  public static Grounds best() {
    return LabGround.absence().isEmpty() ? LAB : EMULATED;
  }

  /**
   * @param faults of what kind they will be; empty: none of the air's
   * @param directory where traces go
   */
  public Ground open(Air air, Optional<FaultKind> faults, long seed, Path directory) throws IOException {
    return this == LAB ? LabGround.open(air, seed, directory) : EmulatedGround.open(air, faults, seed, directory);
  }
}
