package dev.tilestream.cli.experiment;

import dev.tilestream.tile.RateTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * One model's measured times over one air.
 *
 * @param profile file of the measured times
 * @param traceName as it is printed: the trace's file name without its ending, or a rate
 * @param trace what the air carries each way, calibration included
 * @param delay one way
 */
public record Experiment(Path profile, String traceName, RateTrace trace, Duration delay) {
  public Experiment {
    Objects.requireNonNull(profile, "profile");
    Objects.requireNonNull(traceName, "traceName");
    Objects.requireNonNull(trace, "trace");
    Objects.requireNonNull(delay, "delay");
  }

  /** What the robots' own Wi-Fi made of the nominal rate, and what it added to a round trip, in the series that a profile is from. */
  private record Calibration(double factor, double roundTripMillis) {
    static final Calibration NONE = new Calibration(1, 0);

    static Calibration of(String series, String environment) {
      if (!series.equals("lopinfer")) return NONE;
      if (environment.startsWith("indoors")) return new Calibration(0.82, 11);
      return environment.startsWith("outdoors") ? new Calibration(0.65, 4) : NONE;
    }
  }

  /** @param calibrated whether the trace's rates are nominal ones, of which the series' robots reached a part */
  static Experiment following(Path profile, Path trace, boolean calibrated) throws IOException {
    String name = stem(trace);
    Calibration calibration = calibrated ? Calibration.of(series(profile), name) : Calibration.NONE;
    Duration delay = Duration.ofNanos(Math.round(calibration.roundTripMillis() / 2 * 1e6));
    return new Experiment(profile, name, RateTrace.read(trace).times(calibration.factor()), delay);
  }

  /** The profile's file name without its ending: {@code model@series}. */
  public String profileName() {
    return stem(profile);
  }

  /** What stands before the {@code @}. */
  public String model() {
    return profileName().replaceFirst("@.*", "");
  }

  /** The series of measurements that the profile is from. */
  public String series() {
    return series(profile);
  }

  static String series(Path profile) {
    return stem(profile).replaceFirst("^[^@]*@?", "").toLowerCase(Locale.ROOT);
  }

  /** Where the authors measured with this air: {@code indoors} or {@code outdoors}; empty for another air. */
  public String environment() {
    String place = traceName.replaceFirst("-hp$", "");
    return place.matches("indoors|outdoors") ? place : "";
  }

  static String stem(Path file) {
    return file.getFileName().toString().replaceFirst("\\.[A-Za-z]+$", "");
  }
}
