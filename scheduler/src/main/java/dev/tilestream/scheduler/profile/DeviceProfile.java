package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import java.util.List;

/**
 * One device's times for one graph. Nodes exchange it, so it holds plain values only.
 *
 * @param device its name
 * @param graphHash {@link OperatorGraph#hash} of the graph it was measured on
 * @param stages by stage id: the stage run alone
 * @param fusedRatio time of the whole graph as one tile over the sum of its stages run alone; 1 when fusing saves nothing
 * @param tileSeconds what a tile costs besides its kernel: waking it, gathering its rows, sending them on
 * @param airShares by tensor id: what is left of its bytes where links pack them, of (0, 1]; none: links pack nothing
 */
public record DeviceProfile(
    String device, String graphHash, List<StageTime> stages, double fusedRatio, double tileSeconds, Power power, List<Double> airShares) {
  /** What an actor hop and its bookkeeping take where nobody measured it. */
  public static final double DEFAULT_TILE_SECONDS = 20e-6;

  /** Its links pack nothing. */
  public DeviceProfile(String device, String graphHash, List<StageTime> stages, double fusedRatio, double tileSeconds, Power power) {
    this(device, graphHash, stages, fusedRatio, tileSeconds, power, List.of());
  }

  public DeviceProfile {
    stages = List.copyOf(stages);
    airShares = List.copyOf(airShares);
    for (double share : airShares)
      if (!(share > 0 && share <= 1))
        throw new IllegalArgumentException("profile of %s: %s of a tensor's bytes on the air (expected: of (0, 1])".formatted(device, share));
    if (!(fusedRatio > 0 && fusedRatio < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException("profile of %s: fused ratio %s (expected: above 0)".formatted(device, fusedRatio));
    if (!(tileSeconds >= 0 && tileSeconds < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException("profile of %s: %s s a tile (expected: not negative)".formatted(device, tileSeconds));
  }

  /** What is left of a tensor's bytes on the air; 1 where nothing is known. */
  public double airShare(int tensor) {
    return tensor < airShares.size() ? airShares.get(tensor) : 1;
  }

  /** Seconds that the band of {@code stages} takes here, halo included, kernel and {@link #tileSeconds}. */
  public double tileSeconds(Band band, List<Integer> stages) {
    return tileSeconds(stages, StageShare.of(stages, band));
  }

  /** The same where the {@link StageShare} of each of {@code stages} is known. */
  public double tileSeconds(List<Integer> stages, double[] shares) {
    double sum = 0;
    int ran = 0;
    for (int i = 0; i < shares.length; i++) {
      if (shares[i] == 0) continue;
      sum += this.stages.get(stages.get(i)).at(shares[i]);
      ran++;
    }
    return sum * fusion(ran) + tileSeconds;
  }

  /**
   * What fusing leaves of the time of {@code count} stages run alone. The whole graph saves {@link #fusedRatio} over all boundaries
   * between its stages; a shorter run is credited with the boundaries that it has.
   */
  public double fusion(int count) {
    int all = stages.size();
    if (count < 2 || all < 2) return 1;
    return 1 - (1 - fusedRatio) * (count - 1) / count * all / (all - 1);
  }

  /**
   * How far this is from what was known {@code before}: the sum over all stages of how much their times differ, relative to what all of
   * them took before. 0.1: by 10 % on average; 1: twice as slow throughout. Infinite for another number of stages, and where only one of
   * them knows how well tensors pack.
   */
  public double change(DeviceProfile before) {
    if (before.stages.size() != stages.size() || before.airShares.size() != airShares.size()) return Double.POSITIVE_INFINITY;
    double sum = 0;
    double difference = 0;
    for (int s = 0; s < stages.size(); s++) {
      double was = before.stages.get(s).whole() * before.fusedRatio;
      sum += was;
      difference += Math.abs(stages.get(s).whole() * fusedRatio - was);
    }
    return difference == 0 ? 0 : difference / sum;
  }

  /** The same device, {@code factor} times as slow in its kernels. */
  public DeviceProfile slower(double factor) {
    return with(stages.stream().map(s -> s.times(factor)).toList());
  }

  /** The same device with other times of its stages. */
  public DeviceProfile with(List<StageTime> times) {
    return new DeviceProfile(device, graphHash, times, fusedRatio, tileSeconds, power, airShares);
  }

  /** The same device with other figures of what it draws. */
  public DeviceProfile with(Power drawn) {
    return new DeviceProfile(device, graphHash, stages, fusedRatio, tileSeconds, drawn, airShares);
  }

  /** The same device, whose links pack tensors that well. */
  public DeviceProfile packing(List<Double> shares) {
    return new DeviceProfile(device, graphHash, stages, fusedRatio, tileSeconds, power, shares);
  }

  /** The same figures under another name. */
  public DeviceProfile named(String name) {
    return new DeviceProfile(name, graphHash, stages, fusedRatio, tileSeconds, power, airShares);
  }
}
