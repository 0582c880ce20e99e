package dev.tilestream.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How rows of 32-bit floats cross links; other types always cross as they are. */
public enum Precision {
  /** As they are. */
  FP32,
  /** Rounded to half precision: half the bytes, and no longer exact. */
  FP16;

  /** The name users write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** @throws IllegalArgumentException that names what came and what is expected */
  public static Precision of(String word) {
    for (Precision p : values()) if (p.word().equals(word)) return p;
    throw new IllegalArgumentException(
        "precision: %s (expected: one of %s)".formatted(word, Arrays.stream(values()).map(Precision::word).collect(Collectors.joining(", "))));
  }
}
