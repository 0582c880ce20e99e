package dev.tilestream.cli.demo;

import dev.tilestream.cli.Quantiles;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.client.TensorBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What was measured of one strategy. */
public final class StrategyTrial {
  private final String strategy;
  private final List<Double> latenciesMs = new ArrayList<>();
  private final List<Long> bytes = new ArrayList<>();
  private final SortedSet<String> devices = new TreeSet<>();
  private double deviation;
  private boolean exact = true;

  public StrategyTrial(String strategy) {
    this.strategy = strategy;
  }

  public String strategy() {
    return strategy;
  }

  /** Counts for exactness only: plans are made and caches are cold at first. */
  public void warmUp(RemoteAnswer answer, Map<String, TensorBytes> expected) {
    deviation = Math.max(deviation, Deviation.largest(expected, answer.outputs()));
    exact &= answer.exact();
  }

  public void add(double latencyMs, RemoteAnswer answer, Map<String, TensorBytes> expected) {
    warmUp(answer, expected);
    latenciesMs.add(latencyMs);
    bytes.add(answer.bytes());
    devices.addAll(answer.devices());
  }

  public Result result() {
    double[] millis = latenciesMs.stream().mapToDouble(Double::doubleValue).toArray();
    return new Result(
        strategy, Quantiles.median(millis), Quantiles.quantile(millis, 0.95),
        (long) Quantiles.median(bytes.stream().mapToDouble(Long::doubleValue)), List.copyOf(devices), deviation, exact);
  }

  /**
   * One line of the table.
   *
   * @param latencyMedianMs from sending the request to having the answer, over HTTP
   * @param bytes over the air for one inference, median
   * @param devices that computed a part of any
   * @param maxDeviation from ONNX Runtime on the whole model, as a share of the largest value
   * @param exact whether every answer claimed to be what one machine computes
   */
  public record Result(
      String strategy, double latencyMedianMs, double latencyP95Ms, long bytes, List<String> devices, double maxDeviation, boolean exact) {}
}
