package dev.tilestream.kernel;

import dev.tilestream.graph.Band;

/** Makes kernels on this device. Thread-safe. Implementations share what can be shared between bands of one graph. */
public interface Kernels extends AutoCloseable {
  /** The kernel that measured fastest here for this band, or the only one there is. May take milliseconds: call it at deployment. */
  Kernel create(Band band);

  /** One that is at hand soonest, for a band that is seldom computed: nothing is tried out. */
  default Kernel createQuickly(Band band) {
    return create(band);
  }

  /** Kernels as {@code settings} ask for. */
  static Kernels of(KernelSettings settings) {
    return new MeasuredKernels(settings);
  }

  /** Frees what is shared; kernels made before must be closed first. */
  @Override
  void close();
}
