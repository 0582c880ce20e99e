package dev.tilestream.node;

import akka.actor.Address;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.api.ApiSettings;
import dev.tilestream.dashboards.NodeMetrics;
import dev.tilestream.membership.Backoff;
import dev.tilestream.membership.MembershipSettings;
import dev.tilestream.scheduler.SchedulerSettings;
import dev.tilestream.tile.TileSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member for the life of its process. When it is to join another cluster, after a partition or because the others have given it up, it
 * starts anew and joins as new; its HTTP endpoint stays, and requests that come meanwhile wait the second or two that this takes.
 */
public final class NodeMain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeMain.class);
  /** Who was not put out for so long is no flapping member. */
  private static final Duration CALM = Duration.ofMinutes(2);

  private final NodeSettings settings;
  private final Config config;
  private final MembershipSettings membership;
  private final NodeMetrics metrics;
  private final Relay relay;
  private final Face face;
  private final Backoff backoff;
  /** Starts and stops, one after the other. */
  private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor(task -> {
    Thread thread = new Thread(task, "tilestream-turns");
    thread.setDaemon(true);
    return thread;
  });
  private volatile Node node;
  private volatile boolean closed;

  private NodeMain(NodeSettings settings, Config files) {
    this.settings = settings;
    config = NodeConfig.of(settings, files);
    membership = MembershipSettings.from(config);
    backoff = new Backoff(membership.shortestPause(), membership.longestPause(), CALM);
    SafetyCheck.warnings(settings, config, Instant.now()).forEach(LOG::warn);
    checkRetention(config);
    metrics = NodeMetrics.start(config, settings.name(), settings.httpHost(), settings.metricsPort());
    relay = new Relay(settings, ApiSettings.from(config).maxInFlight(), membership.holdRequests());
    try {
      face = Face.start(settings, config, relay);
    } catch (RuntimeException e) {
      metrics.stop();
      throw e;
    }
  }

  /** Tiles would drop what requests still wait for. */
  private static void checkRetention(Config config) {
    Duration retention = TileSettings.from(config).retention();
    Map<String, Duration> deadlines = Map.of(
        "tilestream.api.longest-deadline", ApiSettings.from(config).longestDeadline(),
        "tilestream.scheduler.default-deadline", SchedulerSettings.from(config).defaultDeadline());
    deadlines.forEach((setting, deadline) -> {
      if (retention.compareTo(deadline) <= 0)
        throw new IllegalArgumentException("tilestream.tile.retention: %s (expected: above %s, %s)".formatted(retention, setting, deadline));
    });
  }

  /**
   * Starts a member. Returns when it serves HTTP; {@link #ready} says when it serves inferences.
   *
   * @throws dev.tilestream.security.SecurityFault when certificates, keys or tokens are set that cannot be used
   */
  public static NodeMain start(NodeSettings settings) {
    return start(settings, ConfigFactory.load());
  }

  /** @param files every other setting, resolved; {@code settings} go before it */
  public static NodeMain start(NodeSettings settings, Config files) {
    NodeMain main = new NodeMain(settings, files);
    try {
      main.run(main.node(Node.Entry.FIRST));
    } catch (RuntimeException e) {
      main.stopFaces();
      throw e;
    }
    return main;
  }

  private Node node(Node.Entry entry) {
    return Node.start(settings, config, metrics, face.pool(), entry);
  }

  private void run(Node started) {
    node = started;
    relay.open(started.backend());
    started.whenOver().thenAccept(known -> {
      if (!closed) turns.execute(() -> startAnew(started, known));
    });
  }

  private void startAnew(Node old, Set<Address> known) {
    if (closed) return;
    long began = System.nanoTime();
    await(relay.hold(), membership.finishRequests(), "requests");
    end(old);
    again(known, began);
  }

  private void again(Set<Address> known, long began) {
    if (closed) return;
    Duration pause = backoff.pause(System.nanoTime(), ThreadLocalRandom.current().nextDouble());
    try {
      run(node(new Node.Entry(true, known, pause)));
      LOG.info("node {} serves again, after {} ms", settings.name(), (System.nanoTime() - began) / 1_000_000);
    } catch (RuntimeException e) {
      LOG.warn("starting again: {}", e.toString());
      turns.schedule(() -> again(known, began), pause.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void await(CompletionStage<Void> stage, Duration patience, String what) {
    try {
      stage.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("{} under way have not ended within {}", what, patience);
    }
  }

  /** Whether it can serve inferences now. */
  public boolean ready() {
    return relay.ready();
  }

  /** Where it serves HTTP. */
  public InetSocketAddress httpAddress() {
    return face.address();
  }

  /** The start of the node that serves now. */
  Node node() {
    return node;
  }

  /** What HTTP is served as: http, or https where it has a certificate. */
  public String httpScheme() {
    return face.scheme();
  }

  /**
   * Leaves the fleet and stops, within seconds: says so to the others, who plan without it from then on, ends its own requests and the tiles
   * that it runs for others, refuses new requests meanwhile, and goes.
   */
  @Override
  public void close() {
    closed = true;
    try {
      turns.submit(this::stop).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.error("stopping", e.getCause());
    }
    turns.shutdownNow();
  }

  private void stop() {
    CompletionStage<Void> answered = relay.close();
    node.announceLeave();
    await(answered, membership.finishRequests(), "requests");
    end(node);
    stopFaces();
  }

  /** What a start leaves behind is an error, and no reason for the next one not to begin, or for the faces to stay. */
  private static void end(Node node) {
    try {
      node.close();
    } catch (RuntimeException e) {
      LOG.error("the node did not end as it should", e);
    }
  }

  private void stopFaces() {
    face.close();
    metrics.stop();
  }
}
