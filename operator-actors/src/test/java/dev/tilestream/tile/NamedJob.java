package dev.tilestream.tile;

import dev.tilestream.kernel.Halt;
import java.util.List;

/** A job of a lane that notes its name when it runs. */
final class NamedJob implements LaneJob {
  private final String name;
  private final long source;
  private final long seniority;
  private final int urgency;
  private final List<String> ran;
  private final Runnable kernel;
  private final Runnable then;
  volatile long took = -1;
  volatile boolean cancelled;
  final Halt halt = new Halt();

  /** @param then runs on the lane's thread once it is finished */
  NamedJob(String name, long source, long seniority, int urgency, List<String> ran, Runnable kernel, Runnable then) {
    this.name = name;
    this.source = source;
    this.seniority = seniority;
    this.urgency = urgency;
    this.ran = ran;
    this.kernel = kernel;
    this.then = then;
  }

  @Override
  public long source() {
    return source;
  }

  @Override
  public long seniority() {
    return seniority;
  }

  @Override
  public int urgency() {
    return urgency;
  }

  @Override
  public Halt halt() {
    return halt;
  }

  @Override
  public boolean begin() {
    return !cancelled;
  }

  @Override
  public void compute() {
    ran.add(name);
    kernel.run();
  }

  @Override
  public void finish(long queuedNanos, long startNanos, long endNanos) {
    took = endNanos - startNanos;
    then.run();
  }
}
