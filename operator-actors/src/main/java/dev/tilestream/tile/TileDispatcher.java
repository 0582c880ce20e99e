package dev.tilestream.tile;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import com.typesafe.config.Config;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The executor of the dispatcher that tile actors run on ({@code tilestream.tile-dispatcher}): an actor woken by a lane thread runs on
 * that thread as soon as its kernel is done, any other on a small pool.
 */
public final class TileDispatcher extends ExecutorServiceConfigurator {
  /** Where the dispatcher is configured. */
  public static final String ID = "tilestream.tile-dispatcher";

  private final int poolSize;

  /** Called by Akka. */
  public TileDispatcher(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
    poolSize = config.getInt("pool-size");
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
    return () -> new LaneFirst(Executors.newFixedThreadPool(poolSize, threads));
  }

  private static final class LaneFirst extends AbstractExecutorService {
    private final ExecutorService pool;

    LaneFirst(ExecutorService pool) {
      this.pool = pool;
    }

    @Override
    public void execute(Runnable task) {
      if (Thread.currentThread() instanceof LaneThread lane) lane.later(task);
      else pool.execute(task);
    }

    @Override
    public void shutdown() {
      pool.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
      return pool.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
      return pool.isShutdown();
    }

    @Override
    public boolean isTerminated() {
      return pool.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
      return pool.awaitTermination(timeout, unit);
    }
  }
}
