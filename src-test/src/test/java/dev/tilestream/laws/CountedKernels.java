package dev.tilestream.laws;

import dev.tilestream.graph.Band;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.Kernels;
import java.util.HashMap;
import java.util.Map;

/** Hands out real kernels and counts which library they came from. For one thread. */
final class CountedKernels implements Kernels {
  private final Kernels kernels;
  private final Map<String, Integer> made = new HashMap<>();

  CountedKernels(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public Kernel create(Band band) {
    Kernel kernel = kernels.create(band);
    made.merge(kernel.backend(), 1, Integer::sum);
    return kernel;
  }

  int made(String backend) {
    return made.getOrDefault(backend, 0);
  }

  @Override
  public void close() {
    kernels.close();
  }
}
