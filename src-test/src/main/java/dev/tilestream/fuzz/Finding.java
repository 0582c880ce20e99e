package dev.tilestream.fuzz;

import java.util.Base64;

/**
 * An input that did what none may.
 *
 * @param what in one line
 * @param detail a stack trace, or empty
 * @param input empty when its maker did not live to tell
 */
public record Finding(String target, long seed, String what, String detail, byte[] input) {
  private static final int LONGEST_SHOWN = 1200;

  /** How to run it again, and the input where it is short. */
  @Override
  public String toString() {
    String bytes = Base64.getEncoder().encodeToString(input);
    String shown = bytes.isEmpty() || bytes.length() > LONGEST_SHOWN ? "" : "\n  input (base64): " + bytes;
    return "%s, seed %d: %s%n  ./tilestream bench fuzz --target %s --seed %d --cases 1%s%s".formatted(
        target, seed, what, target, seed, shown, detail.isEmpty() ? "" : "\n" + detail.indent(4).stripTrailing());
  }
}
