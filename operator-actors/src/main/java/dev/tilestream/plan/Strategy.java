package dev.tilestream.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a plan was made. */
public enum Strategy {
  LOCAL,
  OFFLOAD,
  LAYER,
  ENERGY,
  EVEN,
  PUBLISHED,
  HYBRID;

  /** The name users write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** @throws IllegalArgumentException that names what came and what is expected */
  public static Strategy of(String word) {
    for (Strategy s : values()) if (s.word().equals(word)) return s;
    throw new IllegalArgumentException(
        "strategy: %s (expected: one of %s)".formatted(word, Arrays.stream(values()).map(Strategy::word).collect(Collectors.joining(", "))));
  }
}
