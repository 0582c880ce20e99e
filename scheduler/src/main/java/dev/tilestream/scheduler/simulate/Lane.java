package dev.tilestream.scheduler.simulate;

import java.util.ArrayList;
import java.util.List;

/** A device with the inferences that it has seen, oldest first, and the tiles that wait for it. */
final class Lane {
  /** Jobs by seniority; null once they are over. */
  final List<Job> seen = new ArrayList<>();
  /** Seniority of the job in the upper half, position in its plan's order of urgency in the lower. */
  final Heaps.Longs ready = new Heaps.Longs();
  boolean busy;
  Job running;
  int tile;
  double since;

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
}
