package dev.tilestream.scheduler.simulate;

import dev.tilestream.plan.Plan;
import java.util.Arrays;

/** One inference of a stream while it is under way. */
final class Job {
  final int stream;
  final int frame;
  final Workload work;
  final Workload.Order tiles;
  final Workload.Order messages;
  /** Of each of the plan's devices, its index in the fleet. */
  final int[] place;
  /** Messages that a tile still waits for. */
  final int[] waits;
  /** Bytes of a message that are still to be sent. */
  final long[] left;
  /** When a tile had all its rows, and what this job had computed on its device by then. */
  final double[] readyAt;
  final double[] ownAt;
  /** By device of the fleet: its rank there, -1 before it was seen; and seconds it has computed there, finished tiles alone. */
  final int[] seniority;
  final double[] own;
  int answersLeft;
  /** Tiles that have not run and messages that have not arrived. */
  int open;

  Job(int stream, int frame, Workload work, int[] place, int devices) {
    this.stream = stream;
    this.frame = frame;
    this.work = work;
    tiles = work.tileOrder();
    messages = work.messageOrder();
    this.place = place;
    waits = work.waits.clone();
    left = work.messageBytes.clone();
    readyAt = new double[work.tiles];
    ownAt = new double[work.tiles];
    seniority = new int[devices];
    Arrays.fill(seniority, -1);
    own = new double[devices];
    answersLeft = work.answers;
    open = work.tiles + work.messages();
  }

  /** The device in the fleet that it is an inference of. */
  int source() {
    return place[Plan.SOURCE];
  }

  int sender(int message) {
    return place[work.sender(message)];
  }

  int receiver(int message) {
    return place[work.receiver(message)];
  }
}
