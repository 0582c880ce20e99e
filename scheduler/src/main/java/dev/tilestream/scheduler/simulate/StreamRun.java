package dev.tilestream.scheduler.simulate;

import dev.tilestream.plan.Chunking;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import java.util.ArrayList;
import java.util.List;

/** State of one simulation of streams. */
final class StreamRun {
  /** What happens: to a stream, a lane or a channel by its number, or a message that arrives. */
  private enum Kind {
    BIRTH,
    TILE_DONE,
    CHUNK_DONE,
    ARRIVAL,
    LANE_FREE
  }

  private record Event(Kind kind, int number, Job job) {}

  /** What travels. */
  private static final class Channel {
    final List<Integer> queues = new ArrayList<>();
    Job job;
    int message = -1;
    long bytes;
  }

  private final Fleet fleet;
  private final List<InferenceStream> streams;
  private final LinkSchedules links;
  private final double startSeconds;
  private final int devices;
  private final Heaps.Events agenda = new Heaps.Events();
  private final List<Event> events = new ArrayList<>();
  private final List<Integer> free = new ArrayList<>();
  private final Lane[] lanes;
  /** One for each sender, or for each pair where every pair has its own wire; seniority of the job at the sender, then the message's rank. */
  private final Heaps.Longs[] queues;
  private final Channel[] channels;
  private final int[] begun;
  /** By stream: frames whose birth is on the agenda or past. */
  private final int[] announced;
  private final int[] underWay;
  private final StreamSimulation result;
  private double now;
  private int left;

  StreamRun(Fleet fleet, List<InferenceStream> streams, LinkSchedules links, double startSeconds, double turnSeconds) {
    this.fleet = fleet;
    this.streams = streams;
    this.links = links;
    this.startSeconds = startSeconds;
    devices = fleet.size();
    lanes = new Lane[devices];
    for (int d = 0; d < devices; d++) lanes[d] = new Lane(devices, turnSeconds);
    boolean wires = fleet.medium() == Medium.PER_LINK;
    queues = new Heaps.Longs[wires ? devices * devices : devices];
    channels = new Channel[fleet.medium() == Medium.SHARED ? 1 : queues.length];
    for (int q = 0; q < queues.length; q++) {
      queues[q] = new Heaps.Longs();
      int c = channels.length == 1 ? 0 : q;
      if (channels[c] == null) channels[c] = new Channel();
      channels[c].queues.add(q);
    }
    begun = new int[streams.size()];
    announced = new int[streams.size()];
    underWay = new int[streams.size()];
    result = new StreamSimulation(streams, fleet);
  }

  StreamSimulation finish() {
    for (int s = 0; s < streams.size(); s++) {
      left += streams.get(s).frames();
      at(streams.get(s).firstSeconds(), new Event(Kind.BIRTH, s, null));
    }
    while (!agenda.isEmpty()) {
      now = agenda.time();
      int at = agenda.poll();
      Event e = events.set(at, null);
      free.add(at);
      switch (e.kind) {
        case BIRTH -> begin(e.number);
        case TILE_DONE -> tileDone(e.number);
        case CHUNK_DONE -> chunkDone(e.number);
        case ARRIVAL -> {
          arrive(e.job, e.number);
          startTile(e.job.receiver(e.number));
        }
        case LANE_FREE -> nextTile(e.number);
      }
    }
    if (left > 0) throw new IllegalStateException("simulation: %d inferences never ended".formatted(left));
    return result;
  }

  private void at(double time, Event event) {
    int slot;
    if (free.isEmpty()) {
      slot = events.size();
      events.add(event);
    } else {
      slot = free.remove(free.size() - 1);
      events.set(slot, event);
    }
    agenda.add(time, slot);
  }

  /** Begins what is born by now and may be under way. */
  private void begin(int s) {
    InferenceStream stream = streams.get(s);
    while (begun[s] < stream.frames() && underWay[s] < stream.inFlight()) {
      int frame = begun[s];
      double born = stream.periodSeconds() == 0 ? now : stream.firstSeconds() + frame * stream.periodSeconds();
      if (born > now) {
        if (announced[s] <= frame) at(born, new Event(Kind.BIRTH, s, null));
        announced[s] = frame + 1;
        return;
      }
      begun[s]++;
      underWay[s]++;
      result.born[s][frame] = born;
      int[] place = stream.devices().stream().mapToInt(d -> d).toArray();
      Job job = new Job(s, frame, stream.work(), place, devices);
      lanes[job.source()].seniority(job, job.source());
      send(job, job.work.tiles);
      for (int d : place) startTile(d);
    }
  }

  private void end(Job job) {
    result.answered[job.stream][job.frame] = now;
    result.endSeconds = Math.max(result.endSeconds, now);
    left--;
    underWay[job.stream]--;
    begin(job.stream);
  }

  /** A tile has run or a message has come; nothing needs the job any more once all have. */
  private void close(Job job) {
    if (--job.open > 0) return;
    for (int d = 0; d < devices; d++) if (job.seniority[d] >= 0) lanes[d].seen.set(job.seniority[d], null);
  }

  private void tileDone(int d) {
    Lane lane = lanes[d];
    Job job = lane.running;
    job.own[d] += now - lane.since;
    lane.charge(job, now - lane.since);
    lane.running = null;
    lane.busy = false;
    send(job, lane.tile);
    close(job);
    if (!lane.busy && !lane.idle()) nextTile(d);
  }

  /** Sends all that {@code from}, a tile or the source's input, owes others. */
  private void send(Job job, int from) {
    Workload work = job.work;
    for (int m = work.firstMessage[from]; m < work.firstMessage[from + 1]; m++) {
      int sender = job.sender(m);
      if (sender == job.receiver(m)) arrive(job, m);
      else queues[queue(sender, job.receiver(m))].add((long) lanes[sender].seniority(job, sender) << 32 | job.messages.rank()[m]);
    }
    for (int m = work.firstMessage[from]; m < work.firstMessage[from + 1]; m++) {
      int sender = job.sender(m);
      if (sender != job.receiver(m)) startChunk(channel(queue(sender, job.receiver(m))));
    }
  }

  private int queue(int from, int to) {
    return fleet.medium() == Medium.PER_LINK ? from * devices + to : from;
  }

  private int channel(int queue) {
    return channels.length == 1 ? 0 : queue;
  }

  private void startChunk(int c) {
    Channel channel = channels[c];
    if (channel.message >= 0) return;
    int best = -1;
    Job first = null;
    for (int q : channel.queues) {
      if (queues[q].isEmpty()) continue;
      Job job = sender(q).seen.get((int) (queues[q].peek() >>> 32));
      if (best < 0 || before(job, (int) queues[q].peek(), first, (int) queues[best].peek())) {
        best = q;
        first = job;
      }
    }
    if (best >= 0) startChunk(c, first, first.messages.at()[(int) queues[best].poll()]);
  }

  private Lane sender(int queue) {
    return lanes[fleet.medium() == Medium.PER_LINK ? queue / devices : queue];
  }

  /** Whose turn it is on an air that all share: the inference's that was born earlier; of one inference, what is more urgent. */
  private boolean before(Job a, int rankA, Job b, int rankB) {
    if (a == b) return rankA < rankB;
    int byBirth = Double.compare(result.born[a.stream][a.frame], result.born[b.stream][b.frame]);
    return byBirth != 0 ? byBirth < 0 : a.stream < b.stream || a.stream == b.stream && a.frame < b.frame;
  }

  private void startChunk(int c, Job job, int m) {
    int from = job.sender(m);
    int to = job.receiver(m);
    LinkEstimate link = fleet.link(from, to);
    LinkSchedule schedule = links == null ? null : links.between(from, to);
    long row = job.work.rowBytes[m];
    double clock = startSeconds + now;
    double rate = schedule == null ? link.bytesPerSecond() : schedule.bytesPerSecond(clock);
    long bytes = Math.min(Math.max(row, Chunking.bytes(rate, Chunking.LARGEST_BYTES) / row * row), job.left[m]);
    double air = schedule == null ? bytes * job.work.secondsPerByte(m, 1 / rate) : job.work.airSeconds(m, bytes, schedule, clock);
    double took = air + link.messageSeconds();
    Channel channel = channels[c];
    channel.job = job;
    channel.message = m;
    channel.bytes = bytes;
    result.transmitSeconds[from] += took;
    result.receiveSeconds[to] += took;
    at(now + took, new Event(Kind.CHUNK_DONE, c, null));
  }

  private void chunkDone(int c) {
    Channel channel = channels[c];
    Job job = channel.job;
    int m = channel.message;
    int from = job.sender(m);
    int to = job.receiver(m);
    channel.message = -1;
    channel.job = null;
    job.left[m] -= channel.bytes;
    if (job.left[m] > 0) queues[queue(from, to)].add((long) job.seniority[from] << 32 | job.messages.rank()[m]);
    else at(now + fleet.link(from, to).delaySeconds(), new Event(Kind.ARRIVAL, m, job));
    startChunk(c);
  }

  private void arrive(Job job, int m) {
    int[] tiles = job.work.messageTo[m];
    if (tiles.length == 0) {
      if (--job.answersLeft == 0) end(job);
      close(job);
      return;
    }
    int d = job.receiver(m);
    int seniority = lanes[d].seniority(job, d);
    for (int tile : tiles) {
      if (--job.waits[tile] > 0) continue;
      job.readyAt[tile] = now;
      job.ownAt[tile] = lanes[d].own(job, d, now);
      lanes[d].add(job, seniority, job.tiles.rank()[tile]);
    }
    close(job);
  }

  /** A tile came to a lane that may have been idle. */
  private void startTile(int d) {
    Lane lane = lanes[d];
    if (lane.busy || lane.idle()) return;
    double wait = fleet.waitSeconds(d);
    if (wait == 0) {
      nextTile(d);
      return;
    }
    lane.busy = true;
    at(now + wait, new Event(Kind.LANE_FREE, d, null));
  }

  private void nextTile(int d) {
    Lane lane = lanes[d];
    long key = lane.poll();
    Job job = lane.seen.get((int) (key >>> 32));
    int tile = job.tiles.at()[(int) key];
    double seconds = job.work.seconds[tile];
    lane.busy = true;
    lane.running = job;
    lane.tile = tile;
    lane.since = now;
    result.busySeconds[d] += seconds;
    result.tiles[job.stream][d]++;
    result.waitSeconds[job.stream][d] += now - job.readyAt[tile] - (job.own[d] - job.ownAt[tile]);
    at(now + seconds, new Event(Kind.TILE_DONE, d, null));
  }
}
