package dev.tilestream.fault;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What happens to a fleet's machines and to the air between them. */
public enum FaultKind {
  /** A node other than the source dies by {@code kill -9}, and is started again. */
  KILL(Duration.ofSeconds(2)),
  /** One way between the source and another node carries nothing, and nobody is told. */
  BLACKHOLE(Duration.ofSeconds(5)),
  /** A node other than the source is out of range of everybody. */
  OUTAGE(Duration.ofSeconds(3)),
  /** The source on one side, all others on the other. */
  PARTITION(Duration.ofSeconds(6)),
  /** A node other than the source stands still, by SIGSTOP, and goes on. */
  PAUSE(Duration.ofSeconds(5)),
  /** Like {@link #PARTITION}, for longer than members wait for each other: each side goes on without the other, and then they meet again. */
  SPLIT(Duration.ofSeconds(45)),
  /** Like {@link #BLACKHOLE}, for as long; since others hear both, nobody is to be put out for it. */
  MUTE(Duration.ofSeconds(45));

  private final Duration length;

  FaultKind(Duration length) {
    this.length = length;
  }

  /** How long it lasts; of a kill, until the node is started again. */
  public Duration length() {
    return length;
  }

  /** The name users write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is the air that fails, and no machine. */
  public boolean ofTheAir() {
    return this != KILL && this != PAUSE;
  }

  /** Whether a member may be removed for it: who dies has left, and who was not heard for half a minute; who is silent for seconds has not. */
  public boolean mayRemove() {
    return this == KILL || this == SPLIT;
  }

  /** @throws IllegalArgumentException that names what came and what is expected */
  public static FaultKind of(String word) {
    for (FaultKind kind : values()) if (kind.word().equals(word)) return kind;
    throw new IllegalArgumentException(
        "fault: %s (expected: one of %s)".formatted(word, Arrays.stream(values()).map(FaultKind::word).collect(Collectors.joining(", "))));
  }
}
