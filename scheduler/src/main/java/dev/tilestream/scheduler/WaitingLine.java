package dev.tilestream.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Requests that have not begun because enough are under way, so many at most. Streams share what is there: next is the oldest request of the
 * stream that has the fewest under way, and a stream may have as many waiting as there is room left for others. So one that floods takes
 * neither the line nor the places from another. Pure, not thread-safe.
 */
final class WaitingLine<T> {
  private static final class Stream<T> {
    private final Deque<T> waiting = new ArrayDeque<>();
    private int underWay;
    /** When one of it began last, as a number that grows. */
    private long turn;

    boolean before(Stream<T> other) {
      return underWay != other.underWay ? underWay < other.underWay : turn < other.turn;
    }
  }

  private final int most;
  /** Those of which something waits or is under way. */
  private final Map<String, Stream<T>> streams = new HashMap<>();
  private int size;
  private long turns;

  WaitingLine(int most) {
    this.most = most;
  }

  /** False when it is full, or too many of this stream wait already. */
  boolean offer(String stream, T request) {
    if (waiting(stream) >= most - size) return false;
    streams.computeIfAbsent(stream, name -> new Stream<>()).waiting.add(request);
    size++;
    return true;
  }

  /** The next to begin; null when nobody waits. */
  T poll() {
    Stream<T> next = null;
    for (Stream<T> s : streams.values()) if (!s.waiting.isEmpty() && (next == null || s.before(next))) next = s;
    if (next == null) return null;
    size--;
    return next.waiting.poll();
  }

  /** One of this stream is under way now, whether it waited or not. */
  void begun(String stream) {
    Stream<T> s = streams.computeIfAbsent(stream, name -> new Stream<>());
    s.underWay++;
    s.turn = ++turns;
  }

  /** One of this stream is under way no more. */
  void ended(String stream) {
    streams.get(stream).underWay--;
    forget(stream);
  }

  private void forget(String stream) {
    Stream<T> s = streams.get(stream);
    if (s.waiting.isEmpty() && s.underWay == 0) streams.remove(stream);
  }

  /** Takes out those that are meant. */
  List<T> remove(Predicate<T> which) {
    List<T> gone = new ArrayList<>();
    for (String name : List.copyOf(streams.keySet())) {
      Stream<T> s = streams.get(name);
      s.waiting.stream().filter(which).forEach(gone::add);
      s.waiting.removeIf(which);
      forget(name);
    }
    size -= gone.size();
    return gone;
  }

  /** Of all streams. */
  int size() {
    return size;
  }

  /** Of this stream. */
  int waiting(String stream) {
    Stream<T> s = streams.get(stream);
    return s == null ? 0 : s.waiting.size();
  }

  /** Requests that would begin before one of this stream that came now, if all streams have alike under way. */
  int ahead(String stream) {
    int own = waiting(stream);
    return streams.values().stream().mapToInt(s -> Math.min(s.waiting.size(), own + 1)).sum();
  }
}
