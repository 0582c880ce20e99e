package dev.tilestream.tensor;

/** Which deployment a message speaks of: the plan slot it fills at its source, and the generation, which grows at every re-deployment. */
public record DeploymentId(long slot, int generation) {
  @Override
  public String toString() {
    return Long.toHexString(slot) + "#" + generation;
  }
}
