package dev.tilestream.scheduler.simulate;

import dev.tilestream.plan.FairTurns;
import java.util.ArrayList;
import java.util.List;

/** A device with the inferences that it has seen, oldest first, and the tiles that wait for it: sources take turns, as on a real lane. */
final class Lane {
  /** Tiles of one source's inferences: seniority of the job in the upper half, position in its plan's order of urgency in the lower. */
  private static final class Source {
    final FairTurns.Account account = new FairTurns.Account();
    final Heaps.Longs ready = new Heaps.Longs();

    long age() {
      return ready.peek() >>> 32;
    }
  }

  /** Jobs by seniority; null once they are over. */
  final List<Job> seen = new ArrayList<>();
  private final FairTurns turns;
  /** By the source's device in the fleet; null before it sent anything here. */
  private final Source[] sources;
  /** Those of which something waits. */
  private final List<Source> active = new ArrayList<>();
  boolean busy;
  Job running;
  int tile;
  double since;

  Lane(int devices, double turnSeconds) {
    sources = new Source[devices];
    turns = new FairTurns(nanos(turnSeconds));
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }

  /** Rank of {@code job} on this device, {@code index} in the fleet; the next one when it is new here. */
  int seniority(Job job, int index) {
    if (job.seniority[index] < 0) {
      job.seniority[index] = seen.size();
      seen.add(job);
    }
    return job.seniority[index];
  }

  /** Seconds that {@code job} has computed here by {@code now}. */
  double own(Job job, int index, double now) {
    return job.own[index] + (running == job ? now - since : 0);
  }

  boolean idle() {
    return active.isEmpty();
  }

  /** The tile of that rank, of a job of that seniority here, has all its rows. */
  void add(Job job, int seniority, int rank) {
    Source source = source(job);
    if (source.ready.isEmpty()) {
      turns.enter(source.account);
      active.add(source);
    }
    source.ready.add((long) seniority << 32 | rank);
  }

  private Source source(Job job) {
    int device = job.source();
    if (sources[device] == null) sources[device] = new Source();
    return sources[device];
  }

  /** The next tile: seniority of its job in the upper half, rank in the lower. */
  long poll() {
    Source next = active.get(0);
    for (Source s : active) if (FairTurns.before(s.account, s.age(), next.account, next.age())) next = s;
    turns.serve(next.account);
    long key = next.ready.poll();
    if (next.ready.isEmpty()) active.remove(next);
    return key;
  }

  /** A tile of {@code job} took so long. */
  void charge(Job job, double seconds) {
    FairTurns.Account account = source(job).account;
    turns.charge(account, nanos(seconds));
    if (active.isEmpty()) turns.serve(account);
  }
}
