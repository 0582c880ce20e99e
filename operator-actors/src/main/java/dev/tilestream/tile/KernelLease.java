package dev.tilestream.tile;

import dev.tilestream.kernel.Kernel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps a kernel open while its tile lives and while runs are under way; the last one out closes it. Thread-safe. */
final class KernelLease {
  private final Kernel kernel;
  private final AtomicInteger holders = new AtomicInteger(1);
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  KernelLease(Kernel kernel) {
    this.kernel = kernel;
  }

  Kernel kernel() {
    return kernel;
  }

  boolean open() {
    return holders.get() > 0;
  }

  /** False when it is being closed. */
  boolean acquire() {
    int now;
    do {
      now = holders.get();
      if (now == 0) return false;
    } while (!holders.compareAndSet(now, now + 1));
    return true;
  }

  void release() {
    if (holders.decrementAndGet() > 0) return;
    try {
      kernel.close();
      closed.complete(null);
    } catch (RuntimeException | Error e) {
      closed.completeExceptionally(e);
    }
  }

  /** Done when the kernel's memory is free. */
  CompletionStage<Void> closed() {
    return closed;
  }
}
