package dev.tilestream.scheduler.simulate;

import java.util.Arrays;

/** Heaps of plain numbers, so that the simulation's inner loop makes no objects. */
final class Heaps {
  private Heaps() {}

  /** Events by time; those of one time in the order they were added, so that runs repeat exactly. */
  static final class Events {
    private double[] times = new double[64];
    private long[] keys = new long[64];
    private int size;
    private int added;

    boolean isEmpty() {
      return size == 0;
    }

    double time() {
      return times[0];
    }

    void add(double time, int event) {
      if (size == times.length) {
        times = Arrays.copyOf(times, size * 2);
        keys = Arrays.copyOf(keys, size * 2);
      }
      place(size++, time, (long) added++ << 32 | event);
    }

    private void place(int at, double time, long key) {
      int i = at;
      while (i > 0) {
        int parent = (i - 1) >>> 1;
        if (!before(time, key, parent)) break;
        times[i] = times[parent];
        keys[i] = keys[parent];
        i = parent;
      }
      times[i] = time;
      keys[i] = key;
    }

    private boolean before(double time, long key, int other) {
      return time < times[other] || time == times[other] && key < keys[other];
    }

    int poll() {
      int event = (int) keys[0];
      double time = times[--size];
      long key = keys[size];
      int i = 0;
      for (int child = 1; child < size; child = 2 * i + 1) {
        if (child + 1 < size && before(times[child + 1], keys[child + 1], child)) child++;
        if (before(time, key, child)) break;
        times[i] = times[child];
        keys[i] = keys[child];
        i = child;
      }
      times[i] = time;
      keys[i] = key;
      return event;
    }
  }

  /** Smallest long first. */
  static final class Longs {
    private long[] heap = new long[16];
    private int size;

    boolean isEmpty() {
      return size == 0;
    }

    long peek() {
      return heap[0];
    }

    void add(long value) {
      if (size == heap.length) heap = Arrays.copyOf(heap, size * 2);
      int i = size++;
      while (i > 0) {
        int parent = (i - 1) >>> 1;
        if (heap[parent] <= value) break;
        heap[i] = heap[parent];
        i = parent;
      }
      heap[i] = value;
    }

    long poll() {
      long top = heap[0];
      long value = heap[--size];
      int i = 0;
      for (int child = 1; child < size; child = 2 * i + 1) {
        if (child + 1 < size && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= value) break;
        heap[i] = heap[child];
        i = child;
      }
      heap[i] = value;
      return top;
    }
  }
}
