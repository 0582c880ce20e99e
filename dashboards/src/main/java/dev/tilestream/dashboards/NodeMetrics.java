package dev.tilestream.dashboards;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import kamon.Kamon;
import kamon.metric.MeasurementUnit;
import kamon.metric.Metric;
import kamon.tag.TagSet;

/**
 * The {@code tilestream.*} metrics of this process, exposed to Prometheus by Kamon. Tags are models, strategies, peers: never requests.
 * Kamon is one per process, so these are too.
 */
public final class NodeMetrics {
  private final Metric.Timer latency = Kamon.timer("tilestream.inference.latency", "From a request's admission to its answer");
  private final Metric.Counter failures = Kamon.counter("tilestream.inference.failures", "Requests that ended without an answer");
  private final Metric.Counter airBytes =
      Kamon.counter(
          "tilestream.inference.air", "Tensor bytes that crossed a link for inferences of this source",
          MeasurementUnit.information().bytes());
  private final Metric.Counter takeovers =
      Kamon.counter("tilestream.inference.takeovers", "Inferences for which a late or lost peer's part was computed at the source, by peer");
  private final Metric.Counter energy =
      Kamon.counter("tilestream.inference.energy", "Measured at the source, millijoules, for its inferences");
  private final Metric.Gauge watts = Kamon.gauge("tilestream.power.drawn", "Measured, milliwatts");
  private final Metric.Gauge laneWait = Kamon.gauge("tilestream.lane.wait", "Of a tile for other inferences' tiles, mean, microseconds");
  private final Metric.Counter together =
      Kamon.counter("tilestream.lane.together", "Tiles that were computed together with those of other inferences");
  private final Metric.Gauge laneUse = Kamon.gauge("tilestream.lane.utilisation", "Of the compute lane, per cent");
  private final Metric.Gauge nativeBytes =
      Kamon.gauge("tilestream.memory.in-use", "Native memory that tensors hold", MeasurementUnit.information().bytes());
  private final Metric.Gauge neighbours = Kamon.gauge("tilestream.cluster.neighbours", "Other members that can be reached");
  private final Metric.Gauge linkRate =
      Kamon.gauge("tilestream.link.goodput", "Measured, bytes a second, by peer", MeasurementUnit.information().bytes());
  private final Metric.Gauge linkQueue =
      Kamon.gauge("tilestream.link.queued", "Waits for the link, by peer", MeasurementUnit.information().bytes());

  private NodeMetrics() {}

  /**
   * Starts Kamon with a Prometheus endpoint.
   *
   * @param port 0: metrics are kept, but served nowhere
   */
  public static NodeMetrics start(Config config, String node, String host, int port) {
    Config own = ConfigFactory.parseMap(Map.of(
        "kamon.modules.prometheus-reporter.factory", PeerlessReporter.Factory.class.getName(),
        "kamon.environment.service", "tilestream",
        "kamon.environment.host", node,
        "kamon.prometheus.start-embedded-http-server", port > 0,
        "kamon.prometheus.embedded-server.hostname", host,
        "kamon.prometheus.embedded-server.port", port));
    Kamon.init(own.withFallback(config));
    return new NodeMetrics();
  }

  public void answered(String model, String strategy, long nanos, long bytes) {
    TagSet tags = TagSet.builder().add("model", model).add("strategy", strategy).build();
    latency.withTags(tags).record(nanos);
    airBytes.withTags(tags).increment(bytes);
  }

  /** What {@code peer} owed an inference was computed here. */
  public void givenUp(String peer) {
    takeovers.withTag("peer", peer).increment();
  }

  /** What an inference took of this device's energy. */
  public void energy(String model, String strategy, double joules) {
    energy.withTags(TagSet.builder().add("model", model).add("strategy", strategy).build()).increment(Math.max(0, Math.round(joules * 1e3)));
  }

  /** What this device draws. */
  public void power(double drawnWatts) {
    watts.withoutTags().update(drawnWatts * 1e3);
  }

  /** How busy this device's lane is. */
  public void lane(double utilisation, double waitSeconds) {
    laneUse.withoutTags().update(utilisation * 100);
    laneWait.withoutTags().update(waitSeconds * 1e6);
  }

  /** So many more tiles were computed together with others. */
  public void together(long tiles) {
    together.withoutTags().increment(tiles);
  }

  /** @param kind as the scheduler names it */
  public void failed(String kind) {
    failures.withTag("kind", kind).increment();
  }

  public void nativeMemory(long bytes) {
    nativeBytes.withoutTags().update(bytes);
  }

  public void neighbours(int count) {
    neighbours.withoutTags().update(count);
  }

  public void link(String peer, double bytesPerSecond, long queuedBytes) {
    PeerlessReporter.back(peer);
    linkRate.withTag("peer", peer).update(bytesPerSecond);
    linkQueue.withTag("peer", peer).update(queuedBytes);
  }

  /** The peer left: its figures are no more. */
  public void linkGone(String peer) {
    linkRate.remove(TagSet.of("peer", peer));
    linkQueue.remove(TagSet.of("peer", peer));
    PeerlessReporter.gone(peer);
  }

  /** Stops the endpoint. */
  public void stop() {
    Kamon.stop();
  }
}
