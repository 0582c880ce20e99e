package dev.tilestream.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/**
 * A campaign in a process of its own, told line by line: {@code @begins SEED}, then {@code @ended SEED NANOS WORD} or {@code @found SEED WHAT
 * DETAIL INPUT}, the last three in base 64. A case that hangs ends the process: native code can't be left behind.
 */
final class FuzzChild {
  static final String BEGINS = "@begins";
  static final String ENDED = "@ended";
  static final String FOUND = "@found";
  /** Exit status after a hang. */
  static final int HUNG = 3;

  private FuzzChild() {}

  /** @param arguments target, first seed, cases, milliseconds */
  public static void main(String[] arguments) throws IOException {
    Extent extent = new Extent(
        Long.parseLong(arguments[1]), Long.parseLong(arguments[2]), Duration.ofMillis(Long.parseLong(arguments[3])));
    try (FuzzTarget target = Targets.make(arguments[0])) {
      Campaign.run(target, extent, new Lines(System.out));
    }
    System.out.flush();
    // Whatever threads the targets have left.
    System.exit(0);
  }

  private record Lines(PrintStream out) implements Campaign.Log {
    @Override
    public void begins(long seed) {
      say(BEGINS + " " + seed);
    }

    @Override
    public void ended(long seed, String outcome, Duration took) {
      say("%s %d %d %s".formatted(ENDED, seed, took.toNanos(), outcome));
    }

    @Override
    public void found(Finding f) {
      say("%s %d %s %s %s".formatted(FOUND, f.seed(), base64(f.what()), base64(f.detail()), Base64.getEncoder().encodeToString(f.input())));
      if (f.what().startsWith(Campaign.HANGS)) Runtime.getRuntime().halt(HUNG);
    }

    private void say(String line) {
      out.println(line);
      out.flush();
    }

    private static String base64(String text) {
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
