package dev.tilestream.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which frames of a stream are computed: so many at a time. Of those that come meanwhile the newest waits, the others are dropped, and each
 * of them is counted and told of. Pure; not thread-safe.
 *
 * @param <F> what a frame holds
 */
final class FrameWindow<F> {
  /** @param number from 0, in the order in which frames came */
  record Frame<F>(long number, F content, long arrivedNanos) {}

  /** Frames {@code [from, to)}. */
  record Range(long from, long to) {}

  /**
   * What follows from a frame.
   *
   * @param begin to be computed now; {@link #ended} is called when it has been
   * @param dropped never to be computed
   */
  record Step<F>(Optional<Frame<F>> begin, Optional<Frame<F>> dropped) {}

  private int depth;
  private int underWay;
  private Frame<F> waiting;
  private long frames;
  private long droppedFrames;
  /** Not told of yet. */
  private final List<Range> dropped = new ArrayList<>();

  /** @param depth frames under way at a time */
  FrameWindow(int depth) {
    this.depth = depth;
  }

  /** From now on so many may be under way; those that are go on. */
  void depth(int frames) {
    depth = frames;
  }

  Step<F> offer(F content, long now) {
    Frame<F> frame = new Frame<>(frames++, content, now);
    Optional<Frame<F>> older = clear();
    if (underWay < depth) {
      underWay++;
      return new Step<>(Optional.of(frame), older);
    }
    waiting = frame;
    return new Step<>(Optional.empty(), older);
  }

  /** A frame came that cannot be kept. */
  void skip() {
    drop(frames++);
  }

  /** One that was under way has its answer. The frame to begin now, if there is one. */
  Optional<Frame<F>> ended() {
    underWay--;
    if (waiting == null || underWay >= depth) return Optional.empty();
    Frame<F> next = waiting;
    waiting = null;
    underWay++;
    return Optional.of(next);
  }

  /** Takes out the one that waits: nobody wants it any more. */
  Optional<Frame<F>> clear() {
    Optional<Frame<F>> last = Optional.ofNullable(waiting);
    waiting = null;
    last.ifPresent(frame -> drop(frame.number));
    return last;
  }

  private void drop(long number) {
    droppedFrames++;
    int last = dropped.size() - 1;
    // Only what begins lies between two that are dropped, and after each that begins somebody is told: there are few ranges.
    if (last >= 0 && dropped.get(last).to == number) dropped.set(last, new Range(dropped.get(last).from, number + 1));
    else dropped.add(new Range(number, number + 1));
  }

  /** Frames that were dropped since this was asked before. */
  List<Range> takeDropped() {
    List<Range> taken = List.copyOf(dropped);
    dropped.clear();
    return taken;
  }

  /** One waits: more come than are answered. */
  boolean pressed() {
    return waiting != null;
  }

  boolean idle() {
    return underWay == 0 && waiting == null;
  }

  /** Frames that came. */
  long frames() {
    return frames;
  }

  long dropped() {
    return droppedFrames;
  }
}
