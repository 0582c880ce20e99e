package dev.tilestream.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.dashboards.NodeMetrics;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member for the life of its process. When the others have put it out, after a partition or a long silence, it starts anew and joins
 * as new.
 */
public final class NodeMain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeMain.class);
  private static final Duration SHORTEST_BACKOFF = Duration.ofMillis(500);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

  private final NodeSettings settings;
  private final Config config;
  private final NodeMetrics metrics;
  private volatile Node node;
  private volatile boolean closed;

  private NodeMain(NodeSettings settings, Config files) {
    this.settings = settings;
    config = NodeConfig.of(settings, files);
    metrics = NodeMetrics.start(config, settings.name(), settings.httpHost(), settings.metricsPort());
  }

  /** Starts a member. Returns when it serves HTTP; {@link #ready} says when it serves inferences. */
  public static NodeMain start(NodeSettings settings) {
    return start(settings, ConfigFactory.load());
  }

  /** @param files every other setting, resolved; {@code settings} go before it */
  public static NodeMain start(NodeSettings settings, Config files) {
    NodeMain main = new NodeMain(settings, files);
    main.run(Node.start(settings, main.config, main.metrics, false));
    return main;
  }

  private void run(Node started) {
    node = started;
    if (closed) started.close();
    else started.whenStopped().whenComplete((done, failure) -> stopped(started));
  }

  private void stopped(Node old) {
    old.close();
    if (closed || !old.wasDowned()) return;
    LOG.warn("the cluster has put this node out; joining again as new");
    again(SHORTEST_BACKOFF);
  }

  private void again(Duration backoff) {
    long jittered = (long) (backoff.toMillis() * (0.5 + ThreadLocalRandom.current().nextDouble()));
    CompletableFuture.delayedExecutor(jittered, TimeUnit.MILLISECONDS).execute(() -> {
      if (closed) return;
      try {
        run(Node.start(settings, config, metrics, true));
      } catch (RuntimeException e) {
        LOG.warn("starting again: {}", e.toString());
        again(backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0 ? backoff.multipliedBy(2) : LONGEST_BACKOFF);
      }
    });
  }

  /** Whether it can serve inferences now. */
  public boolean ready() {
    return node.ready();
  }

  /** Where it serves HTTP. */
  public InetSocketAddress httpAddress() {
    return node.httpAddress();
  }

  /** Leaves the cluster and stops, within seconds. */
  @Override
  public void close() {
    closed = true;
    node.close();
    metrics.stop();
  }
}
