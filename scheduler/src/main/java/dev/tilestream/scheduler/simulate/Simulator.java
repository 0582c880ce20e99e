package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Chunking;
import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import java.util.Arrays;

/**
 * One inference under a plan, on paper. The rules are the runtime's: a device runs one tile at a time, the most urgent that has all its
 * rows; rows leave when their tile is done; a link sends the most urgent rows first, in chunks that more urgent rows may overtake; the
 * source holds the input at time 0 and the inference ends when the last row of the answer is back there. Deterministic.
 *
 * <p>A device that others use, too, makes an inference wait ({@link Fleet#waitSeconds}) whenever the lane has been without tiles of it:
 * only then may somebody else's tile have begun, since older inferences go first.
 */
public final class Simulator {
  /** 0: as {@link Chunking} has it for the link's rate. */
  private final int fixedChunkBytes;

  /** Links cut rows as the runtime's do. */
  public Simulator() {
    fixedChunkBytes = 0;
  }

  /** Links send whole rows of about {@code chunkBytes} before they look again at what is most urgent. */
  public Simulator(int chunkBytes) {
    if (chunkBytes < 1) throw new IllegalArgumentException("chunk: %d bytes (expected: at least 1)".formatted(chunkBytes));
    fixedChunkBytes = chunkBytes;
  }

  /** @throws IllegalArgumentException when the plan does not hold together, as {@link dev.tilestream.plan.Routes#of} */
  public Simulation run(OperatorGraph graph, Plan plan, Fleet fleet) {
    return run(Workload.of(graph, plan, fleet), fleet);
  }

  /** @param fleet the one that the workload was made with, or one with other links */
  public Simulation run(Workload work, Fleet fleet) {
    return new Run(work, fleet, fixedChunkBytes, null, 0).finish();
  }

  /**
   * Over links whose rates change: a chunk in flight takes as long as the integral of its link's rate says. The fleet's estimates hold for
   * delays and what a message costs, and for the rates of links without a schedule.
   *
   * @param startSeconds when, by the schedules' clock, the input is at the source
   */
  public Simulation run(Workload work, Fleet fleet, LinkSchedules links, double startSeconds) {
    return new Run(work, fleet, fixedChunkBytes, links, startSeconds).finish();
  }

  /**
   * State of one run. An event is a tile that is done, a channel whose chunk is sent, a message that has arrived, or a lane that others
   * have left, in this order of numbers.
   */
  private static final class Run {
    private final Workload work;
    private final Fleet fleet;
    private final int fixedChunkBytes;
    private final int[] chunkBytes;
    private final LinkSchedule[] schedules;
    private final double startSeconds;
    private final int devices;
    private final Heaps.Events events = new Heaps.Events();
    private final Heaps.Longs[] ready;
    private final boolean[] laneBusy;
    private final int[] waits;
    private final Heaps.Longs[] queued;
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

    /** @param links null when all rates are constant */
    Run(Workload work, Fleet fleet, int fixedChunkBytes, LinkSchedules links, double startSeconds) {
      this.work = work;
      this.fleet = fleet;
      this.fixedChunkBytes = fixedChunkBytes;
      this.startSeconds = startSeconds;
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
      chunkBytes = new int[pairs];
      schedules = new LinkSchedule[pairs];
      for (int i = 0; i < pairs; i++) {
        int from = i / devices;
        int to = i % devices;
        if (from == to) continue;
        LinkEstimate link = fleet.link(from, to);
        secondsPerByte[i] = 1 / link.bytesPerSecond();
        messageSeconds[i] = link.messageSeconds();
        delay[i] = link.delaySeconds();
        chunkBytes[i] = chunkBytes(link.bytesPerSecond());
        schedules[i] = links == null ? null : links.between(from, to);
        channel[i] = switch (fleet.medium()) {
          case PER_LINK -> i;
          case PER_SENDER -> from;
          case SHARED -> 0;
        };
      }
      queued = heaps(pairs);
      sending = new int[pairs];
      Arrays.fill(sending, -1);
      sendingBytes = new long[pairs];
      result = new Simulation(work, fleet);
    }

    private int chunkBytes(double bytesPerSecond) {
      return fixedChunkBytes > 0 ? fixedChunkBytes : Chunking.bytes(bytesPerSecond, Chunking.LARGEST_BYTES);
    }

    private static Heaps.Longs[] heaps(int n) {
      Heaps.Longs[] heaps = new Heaps.Longs[n];
      for (int i = 0; i < n; i++) heaps[i] = new Heaps.Longs();
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
        else if (event < work.tiles + channels + work.messages()) {
          int m = event - work.tiles - channels;
          arrive(m);
          startTile(work.receiver(m));
        } else nextTile(event - work.tiles - channels - work.messages());
      }
      if (answersLeft > 0) throw new IllegalStateException("simulation: %d answers never came of %s".formatted(answersLeft, work.plan));
      result.settle();
      return result;
    }

    private void tileDone(int tile) {
      int d = work.device[tile];
      laneBusy[d] = false;
      send(tile);
      if (!ready[d].isEmpty()) nextTile(d);
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
        queued[channel[pair]].add(Workload.key(work.messageUrgency[m], m));
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
      int m = (int) queued[ch].poll();
      int pair = pair(m);
      if (left[m] == work.messageBytes[m]) result.messageStart[m] = now;
      long row = work.rowBytes[m];
      double took;
      long bytes;
      LinkSchedule schedule = schedules[pair];
      if (schedule == null) {
        bytes = Math.min(Math.max(row, chunkBytes[pair] / row * row), left[m]);
        took = bytes * work.secondsPerByte(m, secondsPerByte[pair]) + messageSeconds[pair];
      } else {
        double at = startSeconds + now;
        bytes = Math.min(Math.max(row, chunkBytes(schedule.bytesPerSecond(at)) / row * row), left[m]);
        took = work.airSeconds(m, bytes, schedule, at) + messageSeconds[pair];
      }
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
      if (left[m] > 0) queued[ch].add(Workload.key(work.messageUrgency[m], m));
      else events.add(now + delay[pair(m)], work.tiles + devices * devices + m);
      startChunk(ch);
    }

    private void arrive(int m) {
      result.messageEnd[m] = now;
      int[] tiles = work.messageTo[m];
      if (tiles.length == 0 && --answersLeft == 0) result.latencySeconds = now;
      for (int tile : tiles) if (--waits[tile] == 0) ready[work.device[tile]].add(Workload.key(work.urgency[tile], tile));
    }

    /** A tile came to a lane that may have been idle. */
    private void startTile(int d) {
      if (laneBusy[d] || ready[d].isEmpty()) return;
      double wait = fleet.waitSeconds(d);
      if (wait == 0) {
        nextTile(d);
        return;
      }
      laneBusy[d] = true;
      events.add(now + wait, work.tiles + devices * devices + work.messages() + d);
    }

    private void nextTile(int d) {
      int tile = (int) ready[d].poll();
      laneBusy[d] = true;
      double end = now + work.seconds[tile];
      result.tileStart[tile] = now;
      result.tileEnd[tile] = end;
      result.busySeconds[d] += work.seconds[tile];
      events.add(end, tile);
    }
  }
}
