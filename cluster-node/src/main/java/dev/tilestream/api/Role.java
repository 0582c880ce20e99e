package dev.tilestream.api;

import java.util.Locale;

/** What the bearer of a token may do. Each role may do what those before it may. */
enum Role {
  /** Infer, and read what there is. */
  INFER,
  /** Change what the fleet has: load and unload models. */
  ADMIN;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean may(Role needed) {
    return compareTo(needed) >= 0;
  }
}
