package dev.tilestream.tile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How the rate of an air changed over time: constant between its instants, beginning again when it has ended. Rates may be 0 (outages),
 * though not all. Immutable; a pure function of time.
 */
public final class RateTrace {
  private static final String HEADING = "t_s,mbit_s";
  private static final double BYTES_PER_MEGABIT = 1e6 / 8;

  /** Instant at which each rate begins, and one more: the end. */
  private final double[] begins;

  private final double[] bytesPerSecond;

  /** Bytes that pass until each instant of {@link #begins}. */
  private final double[] passed;

  private RateTrace(double[] begins, double[] bytesPerSecond) {
    this.begins = begins;
    this.bytesPerSecond = bytesPerSecond;
    passed = new double[begins.length];
    for (int i = 0; i < bytesPerSecond.length; i++) passed[i + 1] = passed[i] + bytesPerSecond[i] * (begins[i + 1] - begins[i]);
    if (!(total() > 0 && total() < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException("trace: %s bytes pass in %s s (expected: some)".formatted(total(), seconds()));
  }

  /**
   * @param seconds when each rate begins, ascending, the first 0; the last lasts as long as the one before it
   * @param bytesPerSecond not negative, not all 0
   */
  public static RateTrace of(double[] seconds, double[] bytesPerSecond) {
    int n = seconds.length;
    if (n < 2 || bytesPerSecond.length != n)
      throw new IllegalArgumentException(
          "trace: %d instants, %d rates (expected: as many, at least 2)".formatted(n, bytesPerSecond.length));
    if (seconds[0] != 0) throw new IllegalArgumentException("trace: begins at %s s (expected: 0)".formatted(seconds[0]));
    for (int i = 1; i < n; i++)
      if (!(seconds[i] > seconds[i - 1]))
        throw new IllegalArgumentException("trace: %s s behind %s s (expected: ascending)".formatted(seconds[i], seconds[i - 1]));
    for (double rate : bytesPerSecond)
      if (!(rate >= 0)) throw new IllegalArgumentException("trace: %s bytes/s (expected: not negative)".formatted(rate));
    double[] begins = Arrays.copyOf(seconds, n + 1);
    begins[n] = 2 * seconds[n - 1] - seconds[n - 2];
    return new RateTrace(begins, bytesPerSecond.clone());
  }

  /** The same rate always. */
  public static RateTrace constant(double bytesPerSecond) {
    return of(new double[] {0, 1}, new double[] {bytesPerSecond, bytesPerSecond});
  }

  /**
   * A CSV file of {@code t_s,mbit_s}, a heading and a line per change.
   *
   * @throws IllegalArgumentException that says which line is wrong
   */
  public static RateTrace read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    if (lines.isEmpty() || !lines.get(0).strip().equals(HEADING))
      throw new IllegalArgumentException("%s: does not begin with %s (expected: a trace)".formatted(file, HEADING));
    List<double[]> points = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++)
      if (!lines.get(i).isBlank()) points.add(point(file, i + 1, lines.get(i)));
    try {
      return of(points.stream().mapToDouble(p -> p[0]).toArray(), points.stream().mapToDouble(p -> p[1] * BYTES_PER_MEGABIT).toArray());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static double[] point(Path file, int number, String line) {
    String[] fields = line.split(",", -1);
    try {
      if (fields.length == 2) return new double[] {Double.parseDouble(fields[0].strip()), Double.parseDouble(fields[1].strip())};
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s line %d: %s (expected: two numbers)".formatted(file, number, line), e);
    }
    throw new IllegalArgumentException("%s line %d: %s (expected: two numbers)".formatted(file, number, line));
  }

  /** Writes what {@link #read} reads as the same trace, to a microsecond and a byte per second. */
  public void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder(HEADING).append('\n');
    for (int i = 0; i < bytesPerSecond.length; i++)
      text.append(String.format(Locale.ROOT, "%.6f,%.6f%n", begins[i], bytesPerSecond[i] / BYTES_PER_MEGABIT));
    Files.writeString(file, text);
  }

  /** The same at {@code factor} times the rate. */
  public RateTrace times(double factor) {
    if (!(factor > 0)) throw new IllegalArgumentException("trace: times %s (expected: above 0)".formatted(factor));
    return new RateTrace(begins, Arrays.stream(bytesPerSecond).map(rate -> rate * factor).toArray());
  }

  /**
   * A shorter trace of windows of this one: what is long to replay can so be seen in less time. Of all windows of that length, those whose
   * mean rates are evenly spread in rank: poor moments have their share, by rule and not by luck. They follow each other as one that rises
   * and falls, since a rate that lasted for minutes would else jump at every seam. This trace itself when it is no longer than that.
   */
  public RateTrace windows(int count, double windowSeconds) {
    if (count < 1 || !(windowSeconds > 0))
      throw new IllegalArgumentException("trace: %d windows of %s s (expected: above 0)".formatted(count, windowSeconds));
    if (count * windowSeconds >= seconds()) return this;
    List<Double> at = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    double[] chosen = representative(count, windowSeconds);
    for (int w = 0; w < count; w++) {
      double from = chosen[w];
      double to = from + windowSeconds;
      for (int i = index(from); i < bytesPerSecond.length && begins[i] < to; i++) {
        at.add(w * windowSeconds + Math.max(begins[i], from) - from);
        rates.add(bytesPerSecond[i]);
      }
    }
    double[] starts = new double[at.size() + 1];
    for (int i = 0; i < at.size(); i++) starts[i] = at.get(i);
    starts[at.size()] = count * windowSeconds;
    return new RateTrace(starts, rates.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Where windows begin: every other one in rank upwards, the rest downwards. */
  private double[] representative(int count, double windowSeconds) {
    int all = (int) (seconds() / windowSeconds);
    double[] ranked = IntStream.range(0, all)
        .mapToObj(w -> w * windowSeconds)
        .sorted(Comparator.comparingDouble(from -> bytes(from, from + windowSeconds)))
        .mapToDouble(Double::doubleValue)
        .toArray();
    return IntStream.range(0, count)
        .map(w -> 2 * w < count ? 2 * w : 2 * (count - w) - 1)
        .mapToDouble(rank -> ranked[(int) ((rank + 0.5) * all / count)])
        .toArray();
  }

  /** Until it begins again. */
  public double seconds() {
    return begins[begins.length - 1];
  }

  /** Whether the rate never changes. */
  public boolean constant() {
    return Arrays.stream(bytesPerSecond).distinct().count() == 1;
  }

  /** Over the whole trace. */
  public double meanBytesPerSecond() {
    return total() / seconds();
  }

  /** @param second of the trace; beyond its end it begins again, before its beginning the first rate holds */
  public double bytesPerSecond(double second) {
    return bytesPerSecond[second <= 0 ? 0 : index(second % seconds())];
  }

  /**
   * When {@code bytes} have passed that began to at {@code second}. Waits out what outages come between.
   *
   * @param second of the trace; before 0, they begin when it does
   */
  public double passed(double second, double bytes) {
    double from = Math.max(0, second);
    double round = Math.floor(from / seconds());
    double within = Math.min(from - round * seconds(), seconds());
    int i = index(within);
    double target = passed[i] + bytesPerSecond[i] * (within - begins[i]) + bytes;
    round += Math.floor(target / total());
    target %= total();
    if (bytes <= 0) return from;
    return Math.max(from, round * seconds() + instant(target));
  }

  /** What passes between two seconds of the trace, the first not before the beginning. */
  public double bytes(double from, double to) {
    return until(to) - until(from);
  }

  private double until(double second) {
    double round = Math.floor(second / seconds());
    double within = Math.min(second - round * seconds(), seconds());
    int i = index(within);
    return round * total() + passed[i] + bytesPerSecond[i] * (within - begins[i]);
  }

  /** When {@code target} bytes have passed since the beginning, at the earliest. */
  private double instant(double target) {
    int at = Arrays.binarySearch(passed, target);
    int i = at >= 0 ? at : -at - 2;
    while (i > 0 && passed[i] >= target) i--;
    return bytesPerSecond[i] > 0 ? Math.min(begins[i + 1], begins[i] + (target - passed[i]) / bytesPerSecond[i]) : begins[i];
  }

  private int index(double within) {
    int at = Arrays.binarySearch(begins, within);
    return Math.min(bytesPerSecond.length - 1, at >= 0 ? at : -at - 2);
  }

  private double total() {
    return passed[passed.length - 1];
  }
}
