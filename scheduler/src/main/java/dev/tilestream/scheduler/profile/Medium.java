package dev.tilestream.scheduler.profile;

/** What directions of traffic take turns on. */
public enum Medium {
  /** Every ordered pair of devices has its own wire. */
  PER_LINK,
  /** A device sends to one peer at a time. */
  PER_SENDER,
  /** One air for all: one device sends at a time. */
  SHARED
}
