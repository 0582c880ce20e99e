package dev.tilestream.scheduler.simulate;

/** The schedule of every link of a fleet. */
@FunctionalInterface
public interface LinkSchedules {
  /** That of the link from one device to another; null where the fleet's own estimate holds all the time. */
  LinkSchedule between(int from, int to);

  /** All links alike, as when one trace stands for the air. */
  static LinkSchedules all(LinkSchedule schedule) {
    return (from, to) -> schedule;
  }
}
