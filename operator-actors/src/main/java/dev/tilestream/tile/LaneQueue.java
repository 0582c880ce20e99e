package dev.tilestream.tile;

import dev.tilestream.plan.FairTurns;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What waits for a lane: sources take turns ({@link FairTurns}), within one older inferences go before newer ones, of one inference what others
 * may still deliver comes last, then the plan's order counts, then who came first. Spare jobs go by their seniority against all of these.
 * Bounded. Pure, not thread-safe.
 */
final class LaneQueue {
  /** With so many accounts, those of sources of which nothing waits are forgotten. */
  private static final int ACCOUNTS = 64;

  /** @param queuedNanos when it came */
  record Waiting(LaneJob job, boolean hedge, long seniority, int urgency, long arrival, long queuedNanos) implements Comparable<Waiting> {
    @Override
    public int compareTo(Waiting other) {
      if (seniority != other.seniority) return Long.compare(seniority, other.seniority);
      if (hedge != other.hedge) return hedge ? 1 : -1;
      return urgency != other.urgency ? Integer.compare(urgency, other.urgency) : Long.compare(arrival, other.arrival);
    }
  }

  private static final class Source {
    private final FairTurns.Account account = new FairTurns.Account();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();

    long age() {
      return waiting.peek().seniority;
    }
  }

  private final int limit;
  private final FairTurns turns;
  private final Map<Long, Source> sources = new HashMap<>();
  /** Those of which something waits: few, and looked through at every poll. */
  private final List<Source> active = new ArrayList<>();
  private final PriorityQueue<Waiting> spare = new PriorityQueue<>();
  private long arrivals;
  private int size;

  LaneQueue(int limit, long turnNanos) {
    this.limit = limit;
    turns = new FairTurns(turnNanos);
  }

  /** False when it is full, or as much waits of this source as there is room left for others. */
  boolean offer(LaneJob job, long nowNanos) {
    if (job.spare() ? size >= limit : source(job.source()).waiting.size() >= limit - size) return false;
    add(job, nowNanos);
    return true;
  }

  /** However many wait: for one that ran and does not now. */
  void add(LaneJob job, long nowNanos) {
    Waiting waiting = new Waiting(job, job.hedge(), job.seniority(), job.urgency(), arrivals++, nowNanos);
    size++;
    if (job.spare()) {
      spare.add(waiting);
      return;
    }
    Source source = source(job.source());
    if (source.waiting.isEmpty()) {
      turns.enter(source.account);
      active.add(source);
    }
    source.waiting.add(waiting);
  }

  private Source source(long id) {
    Source known = sources.get(id);
    if (known != null) return known;
    // Whoever comes back enters the round of now; being forgotten costs or gives at most what it was ahead.
    if (sources.size() >= ACCOUNTS) sources.values().removeIf(source -> source.waiting.isEmpty());
    Source made = new Source();
    sources.put(id, made);
    return made;
  }

  /** The next to run; null when nothing waits. */
  Waiting poll() {
    Source next = null;
    for (Source s : active) if (next == null || FairTurns.before(s.account, s.age(), next.account, next.age())) next = s;
    boolean filler = !spare.isEmpty() && (next == null || spare.peek().seniority < next.age());
    if (next == null && !filler) return null;
    size--;
    if (filler) return spare.poll();
    turns.serve(next.account);
    Waiting job = next.waiting.poll();
    if (next.waiting.isEmpty()) active.remove(next);
    return job;
  }

  /** How many that are no hedges wait of that group, as far as {@code most}. */
  int waiting(Together group, int most) {
    int count = 0;
    for (Source s : active) {
      for (Waiting w : s.waiting) {
        if (w.hedge || w.job.group() != group) continue;
        if (++count == most) return count;
      }
    }
    return count;
  }

  /** Takes out up to {@code most} of these, the sources by turns: they are computed with the one that was next. */
  List<Waiting> pollAlike(Together group, int most) {
    List<Source> bySource = new ArrayList<>(active);
    bySource.sort((a, b) -> before(a, b) ? -1 : before(b, a) ? 1 : 0);
    List<Deque<Waiting>> its = new ArrayList<>();
    for (Source s : bySource)
      its.add(new ArrayDeque<>(s.waiting.stream().filter(w -> !w.hedge && w.job.group() == group).sorted().limit(most).toList()));
    List<Waiting> alike = new ArrayList<>();
    boolean more = true;
    while (more && alike.size() < most) {
      more = false;
      for (int i = 0; i < its.size() && alike.size() < most; i++) {
        Waiting next = its.get(i).poll();
        if (next == null) continue;
        more = true;
        alike.add(next);
        bySource.get(i).waiting.remove(next);
      }
    }
    active.removeIf(s -> s.waiting.isEmpty());
    size -= alike.size();
    return alike;
  }

  private static boolean before(Source a, Source b) {
    return FairTurns.before(a.account, a.age(), b.account, b.age());
  }

  /** A job of {@code source} has kept a thread for so long. */
  void charge(long source, long nanos) {
    FairTurns.Account account = source(source).account;
    turns.charge(account, nanos);
    if (active.isEmpty()) turns.serve(account);
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** Sources that it knows, those included of which nothing waits. */
  int accounts() {
    return sources.size();
  }
}
