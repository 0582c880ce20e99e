package dev.tilestream.tile;

/** How large a link's window is, and the chunks that go through it, by what was measured. Not thread-safe: its link's alone. */
sealed interface WindowRule permits ShortQueueRule, EmulatedAirRule {
  /** The rule for the air that these settings describe. */
  static WindowRule of(LinkSettings settings) {
    return settings.emulation().meanBytesPerSecond() > 0 ? new EmulatedAirRule(settings) : new ShortQueueRule(settings);
  }

  /** The peer took {@code bytes} more, and the meter knows. */
  void taken(long bytes, LinkMeter meter);

  /** Nothing is under way, and now something goes. */
  void resumes(LinkMeter meter);

  /** What may be under way. */
  long limitBytes();

  /** About what a chunk has. */
  int chunkBytes();

  /** Whether what is under way waits in queues of the line, so that probes meet them too. */
  boolean queues();

  /** The link was opened anew. */
  void restart();
}
