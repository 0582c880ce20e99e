package dev.tilestream.scheduler.simulate;

import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Power;
import java.util.Arrays;
import java.util.List;

/** What simulated streams took: latencies, throughput, waiting, energy. */
public final class StreamSimulation {
  final double[][] born;
  final double[][] answered;
  final double[] busySeconds;
  final double[] transmitSeconds;
  final double[] receiveSeconds;
  /** By stream and device: seconds that its tiles waited there for others' tiles, and its tiles. */
  final double[][] waitSeconds;
  final long[][] tiles;
  double endSeconds;
  private final Fleet fleet;

  StreamSimulation(List<InferenceStream> streams, Fleet fleet) {
    this.fleet = fleet;
    born = streams.stream().map(s -> new double[s.frames()]).toArray(double[][]::new);
    answered = streams.stream().map(s -> new double[s.frames()]).toArray(double[][]::new);
    busySeconds = new double[fleet.size()];
    transmitSeconds = new double[fleet.size()];
    receiveSeconds = new double[fleet.size()];
    waitSeconds = new double[streams.size()][fleet.size()];
    tiles = new long[streams.size()][fleet.size()];
  }

  /** From each inference's birth to its answer, waiting to begin included; by frame. */
  public double[] latencySeconds(int stream) {
    double[] latency = new double[born[stream].length];
    Arrays.setAll(latency, i -> answered[stream][i] - born[stream][i]);
    return latency;
  }

  /** Mean latency of the later half of a stream, when what the first ones found empty is full. */
  public double steadyLatencySeconds(int stream) {
    return Arrays.stream(later(stream)).average().orElseThrow();
  }

  /** The smallest latency that at least {@code share} of the later half of a stream do not exceed. */
  public double steadyLatencySeconds(int stream, double share) {
    double[] sorted = later(stream);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  private double[] later(int stream) {
    double[] all = latencySeconds(stream);
    return Arrays.copyOfRange(all, all.length / 2, all.length);
  }

  /** Answers per second over the later half of a stream; of a single inference, one over its latency. */
  public double steadyFramesPerSecond(int stream) {
    double[] ends = answered[stream].clone();
    Arrays.sort(ends);
    int n = ends.length;
    if (n == 1) return 1 / (ends[0] - born[stream][0]);
    int first = (n - 1) / 2;
    return (n - 1 - first) / (ends[n - 1] - ends[first]);
  }

  /** How long a tile of this stream waited for the lane of {@code device} because of other inferences, on average; 0 where it has none. */
  public double waitSeconds(int stream, int device) {
    return tiles[stream][device] == 0 ? 0 : waitSeconds[stream][device] / tiles[stream][device];
  }

  /** When the last answer was there. */
  public double endSeconds() {
    return endSeconds;
  }

  /** Seconds that {@code device} computed. */
  public double busySeconds(int device) {
    return busySeconds[device];
  }

  /** Share of the time until the last answer that {@code device} computed. */
  public double utilisation(int device) {
    return busySeconds[device] / endSeconds;
  }

  /** What {@code device} draws until the last answer is there. */
  public double joules(int device) {
    Power p = fleet.device(device).power();
    double idle = p.idleWatts();
    return idle * endSeconds
        + (p.computeWatts() - idle) * busySeconds[device]
        + (p.transmitWatts() - idle) * transmitSeconds[device]
        + (p.receiveWatts() - idle) * receiveSeconds[device];
  }
}
