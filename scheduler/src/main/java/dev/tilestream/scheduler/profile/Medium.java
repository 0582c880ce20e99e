package dev.tilestream.scheduler.profile;

import java.util.Locale;

/** What directions of traffic take turns on. */
public enum Medium {
  /** Every ordered pair of devices has its own wire. */
  PER_LINK,
  /** A device sends to one peer at a time. */
  PER_SENDER,
  /** One air for all: one device sends at a time. */
  SHARED;

  /** The name users write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** @throws IllegalArgumentException that names what came and what is expected */
  public static Medium of(String word) {
    for (Medium m : values()) if (m.word().equals(word)) return m;
    throw new IllegalArgumentException("medium: %s (expected: per-link, per-sender or shared)".formatted(word));
  }
}
