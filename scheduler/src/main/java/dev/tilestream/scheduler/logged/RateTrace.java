package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.logged.ProfileRefused;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * A link's nominal rate over time, constant from each sample to the next. Behind its end it starts again.
 *
 * @param name of the file, without its ending, or the rate where it is constant
 * @param startSeconds of each piece, ascending, the first 0
 * @param megabits per second of each piece; an outage is {@link #OUTAGE_MEGABITS}
 * @param endSeconds where it starts again
 */
public record RateTrace(String name, double[] startSeconds, double[] megabits, double endSeconds) {
  /** What an outage of 0 Mbit/s is taken for, so that what is in the air arrives some day. */
  public static final double OUTAGE_MEGABITS = 0.01;

  public RateTrace {
    startSeconds = startSeconds.clone();
    megabits = megabits.clone();
    if (startSeconds.length == 0 || startSeconds.length != megabits.length || startSeconds[0] != 0)
      throw new IllegalArgumentException("trace %s: %d times, %d rates (expected: as many, at least 1, the first at 0 s)"
          .formatted(name, startSeconds.length, megabits.length));
    for (int i = 0; i < megabits.length; i++) {
      double next = i + 1 < megabits.length ? startSeconds[i + 1] : endSeconds;
      if (!(next > startSeconds[i]) || !(next < Double.POSITIVE_INFINITY))
        throw new IllegalArgumentException("trace %s: %s s behind %s s (expected: ascending)".formatted(name, next, startSeconds[i]));
      if (!(megabits[i] > 0 && megabits[i] < 1e7))
        throw new IllegalArgumentException("trace %s: %s Mbit/s at %s s (expected: above 0)".formatted(name, megabits[i], startSeconds[i]));
    }
  }

  /** The same rate always. */
  public static RateTrace constant(double megabits) {
    return new RateTrace("%smbit".formatted(plain(megabits)), new double[] {0}, new double[] {megabits}, 3600);
  }

  /**
   * Reads {@code t_s,mbit_s}. The last sample holds as long as samples do on average.
   *
   * @throws ProfileRefused when the file is absent or no such table, or its times go back
   */
  public static RateTrace read(Path file) {
    String name = file.getFileName().toString();
    return of(name.endsWith(".csv") ? name.substring(0, name.length() - 4) : name, CsvTable.read(file));
  }

  static RateTrace of(String name, CsvTable table) {
    int n = table.size();
    double[] start = new double[n];
    double[] rate = new double[n];
    int kept = 0;
    double origin = table.required(0, "t_s");
    for (int r = 0; r < n; r++) {
      double t = table.required(r, "t_s") - origin;
      double mbit = table.required(r, "mbit_s");
      if (mbit < 0 || mbit > 1e6) throw new ProfileRefused("%s, row %d: %s Mbit/s (expected: 0 to 1000000)".formatted(name, r + 1, mbit));
      if (kept > 0 && t < start[kept - 1])
        throw new ProfileRefused("%s, row %d: %s s behind %s s (expected: ascending)".formatted(name, r + 1, t, start[kept - 1]));
      if (kept > 0 && t == start[kept - 1]) kept--;
      start[kept] = t;
      rate[kept++] = Math.max(OUTAGE_MEGABITS, mbit);
    }
    double last = start[kept - 1];
    return new RateTrace(name, Arrays.copyOf(start, kept), Arrays.copyOf(rate, kept), last + (kept > 1 ? last / (kept - 1) : 1));
  }

  /** The same trace with every rate times {@code factor}. */
  public RateTrace times(double factor) {
    return new RateTrace(name, startSeconds, Arrays.stream(megabits).map(m -> m * factor).toArray(), endSeconds);
  }

  /** Mbit/s at a time, which may be behind the end. */
  public double at(double seconds) {
    return megabits[piece(seconds)];
  }

  /** Index of the piece that holds at a time, which may be behind the end. */
  public int piece(double seconds) {
    int at = Arrays.binarySearch(startSeconds, seconds % endSeconds);
    return at >= 0 ? at : Math.max(0, -at - 2);
  }

  /** When the piece that holds at a time ends. */
  public double pieceEndSeconds(double seconds) {
    int piece = piece(seconds);
    double round = Math.floor(seconds / endSeconds) * endSeconds;
    return round + (piece + 1 < startSeconds.length ? startSeconds[piece + 1] : endSeconds);
  }

  public int pieces() {
    return megabits.length;
  }

  /** Mean Mbit/s over time. */
  public double mean() {
    double sum = 0;
    for (int i = 0; i < megabits.length; i++)
      sum += megabits[i] * ((i + 1 < megabits.length ? startSeconds[i + 1] : endSeconds) - startSeconds[i]);
    return sum / endSeconds;
  }

  /** A copy. */
  @Override
  public double[] startSeconds() {
    return startSeconds.clone();
  }

  /** A copy. */
  @Override
  public double[] megabits() {
    return megabits.clone();
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof RateTrace t && name.equals(t.name) && endSeconds == t.endSeconds
        && Arrays.equals(startSeconds, t.startSeconds) && Arrays.equals(megabits, t.megabits);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, endSeconds, Arrays.hashCode(startSeconds), Arrays.hashCode(megabits));
  }

  @Override
  public String toString() {
    return "RateTrace[%s, %d pieces, %.0f s]".formatted(name, megabits.length, endSeconds);
  }
}
