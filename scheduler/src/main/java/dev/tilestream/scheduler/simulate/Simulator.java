package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;

/**
 * One inference under a plan, on paper. The rules are the runtime's: a device runs one tile at a time, the most urgent that has all its
 * rows; rows leave when their tile is done; a link sends the most urgent rows first, in chunks that more urgent rows may overtake; the
 * source holds the input at time 0 and the inference ends when the last row of the answer is back there. Deterministic.
 */
public final class Simulator {
  /** Whole rows of about so many bytes go before a link looks again at what is most urgent. */
  public static final int DEFAULT_CHUNK_BYTES = 256 * 1024;

  private final int chunkBytes;

  public Simulator() {
    this(DEFAULT_CHUNK_BYTES);
  }

  public Simulator(int chunkBytes) {
    if (chunkBytes < 1) throw new IllegalArgumentException("chunk: %d bytes (expected: at least 1)".formatted(chunkBytes));
    this.chunkBytes = chunkBytes;
  }

  /** @throws IllegalArgumentException when the plan does not hold together, as {@link dev.tilestream.plan.Routes#of} */
  public Simulation run(OperatorGraph graph, Plan plan, Fleet fleet) {
    return run(Workload.of(graph, plan, fleet), fleet);
  }

  /** @param fleet the one that the workload was made with, or one with other links */
  public Simulation run(Workload work, Fleet fleet) {
    return new Run(work, fleet, chunkBytes).finish();
  }

  /**
   * State of one run. An event is a tile that is done, a channel whose chunk is sent, or a message that has arrived, in this
   * order of numbers.
   */
  private static final class Run {
    private final Workload work;
    private final int chunkBytes;
    private final int devices;
    private final Heaps.Events events = new Heaps.Events();
    private final Heaps.Ints[] ready;
    private final boolean[] laneBusy;
    private final int[] waits;
    private final Heaps.Ints[] queued;
    private final int[] sending;
    private final long[] sendingBytes;
    private final long[] left;
    private final int[] channel;
    private final double[] secondsPerByte;
    private final double[] messageSeconds;
    private final double[] delay;
    private final Simulation result;
    private double now;
    private int answersLeft;

    Run(Workload work, Fleet fleet, int chunkBytes) {
      this.work = work;
      this.chunkBytes = chunkBytes;
      devices = fleet.size();
      ready = heaps(devices);
      laneBusy = new boolean[devices];
      waits = work.waits.clone();
      left = work.messageBytes.clone();
      answersLeft = work.answers;
      int pairs = devices * devices;
      channel = new int[pairs];
      secondsPerByte = new double[pairs];
      messageSeconds = new double[pairs];
      delay = new double[pairs];
      for (int i = 0; i < pairs; i++) {
        int from = i / devices;
        int to = i % devices;
        if (from == to) continue;
        LinkEstimate link = fleet.link(from, to);
        secondsPerByte[i] = 1 / link.bytesPerSecond();
        messageSeconds[i] = link.messageSeconds();
        delay[i] = link.delaySeconds();
        channel[i] = switch (fleet.medium()) {
          case PER_LINK -> i;
          case PER_SENDER -> from;
          case SHARED -> 0;
        };
      }
      queued = heaps(pairs);
      sending = new int[pairs];
      java.util.Arrays.fill(sending, -1);
      sendingBytes = new long[pairs];
      result = new Simulation(work, fleet);
    }

    private static Heaps.Ints[] heaps(int n) {
      Heaps.Ints[] heaps = new Heaps.Ints[n];
      for (int i = 0; i < n; i++) heaps[i] = new Heaps.Ints();
      return heaps;
    }

    Simulation finish() {
      send(work.tiles);
      for (int d = 0; d < devices; d++) startTile(d);
      int channels = devices * devices;
      while (!events.isEmpty()) {
        now = events.time();
        int event = events.poll();
        if (event < work.tiles) tileDone(event);
        else if (event < work.tiles + channels) chunkDone(event - work.tiles);
        else {
          int m = event - work.tiles - channels;
          arrive(m);
          startTile(work.receiver(m));
        }
      }
      if (answersLeft > 0) throw new IllegalStateException("simulation: %d answers never came of %s".formatted(answersLeft, work.plan));
      result.settle();
      return result;
    }

    private void tileDone(int tile) {
      int d = work.device[tile];
      laneBusy[d] = false;
      send(tile);
      startTile(d);
    }

    /** Sends all that {@code from}, a tile or the source's input, owes others. */
    private void send(int from) {
      for (int m = work.firstMessage[from]; m < work.firstMessage[from + 1]; m++) {
        int pair = pair(m);
        if (pair < 0) {
          result.messageStart[m] = now;
          arrive(m);
          continue;
        }
        queued[channel[pair]].add(work.messageRank[m]);
      }
      for (int m = work.firstMessage[from]; m < work.firstMessage[from + 1]; m++) {
        int pair = pair(m);
        if (pair >= 0) startChunk(channel[pair]);
      }
    }

    /** Index of the ordered pair of devices that message {@code m} crosses; -1 when it stays on one. */
    private int pair(int m) {
      int from = work.sender(m);
      int to = work.receiver(m);
      return from == to ? -1 : from * devices + to;
    }

    private void startChunk(int ch) {
      if (sending[ch] >= 0 || queued[ch].isEmpty()) return;
      int m = work.messageAtRank[queued[ch].poll()];
      int pair = pair(m);
      if (left[m] == work.messageBytes[m]) result.messageStart[m] = now;
      long row = work.rowBytes[m];
      long bytes = Math.min(Math.max(row, chunkBytes / row * row), left[m]);
      double took = bytes * secondsPerByte[pair] + messageSeconds[pair];
      sending[ch] = m;
      sendingBytes[ch] = bytes;
      result.transmitSeconds[pair / devices] += took;
      result.receiveSeconds[pair % devices] += took;
      result.channelSeconds[ch] += took;
      result.bytes[pair] += bytes;
      events.add(now + took, work.tiles + ch);
    }

    private void chunkDone(int ch) {
      int m = sending[ch];
      sending[ch] = -1;
      left[m] -= sendingBytes[ch];
      if (left[m] > 0) queued[ch].add(work.messageRank[m]);
      else events.add(now + delay[pair(m)], work.tiles + devices * devices + m);
      startChunk(ch);
    }

    private void arrive(int m) {
      result.messageEnd[m] = now;
      int[] tiles = work.messageTo[m];
      if (tiles.length == 0 && --answersLeft == 0) result.latencySeconds = now;
      for (int tile : tiles) if (--waits[tile] == 0) ready[work.device[tile]].add(work.rank[tile]);
    }

    private void startTile(int d) {
      if (laneBusy[d] || ready[d].isEmpty()) return;
      int tile = work.tileAtRank[ready[d].poll()];
      laneBusy[d] = true;
      double end = now + work.seconds[tile];
      result.tileStart[tile] = now;
      result.tileEnd[tile] = end;
      result.busySeconds[d] += work.seconds[tile];
      events.add(end, tile);
    }
  }
}
