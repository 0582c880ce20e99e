package dev.tilestream.models;

import dev.tilestream.graph.Band;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.kernel.Kernels;
import dev.tilestream.kernel.PacedKernels;

/** Paced kernels for logged models, computing ones for all others. */
public final class LoggedKernels implements Kernels {
  private final LoggedModels models;
  private final Kernels paced;
  private final Kernels computing;

  /** @param computing closed with this */
  public LoggedKernels(LoggedModels models, Kernels computing) {
    this.models = models;
    this.computing = computing;
    paced = new PacedKernels(models::seconds);
  }

  @Override
  public Kernel create(Band band) {
    return (models.knows(band.graph()) ? paced : computing).create(band);
  }

  @Override
  public Kernel createQuickly(Band band) {
    return (models.knows(band.graph()) ? paced : computing).createQuickly(band);
  }

  @Override
  public void close() {
    paced.close();
    computing.close();
  }
}
