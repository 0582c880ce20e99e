package dev.tilestream.scheduler.logged;

import dev.tilestream.graph.logged.LoggedModel;
import java.util.Locale;

/**
 * What the robots' own Wi-Fi stack made of a trace's nominal rate: in the {@code lopinfer} series 82 % of it indoors and 65 % outdoors,
 * with about 11 and 4 ms on top of each round trip. The {@code hp} traces are what was delivered.
 *
 * @param rateFactor of the nominal rate
 * @param roundTripMillis on top of each round trip
 */
public record Calibration(double rateFactor, double roundTripMillis) {
  /** The trace as it stands. */
  public static final Calibration NONE = new Calibration(1, 0);

  static final Calibration INDOORS = new Calibration(0.82, 11);
  static final Calibration OUTDOORS = new Calibration(0.65, 4);

  /** @param trace its name tells the environment; one that tells none is taken as it stands */
  public static Calibration of(LoggedModel model, RateTrace trace) {
    if (!PublishedFigures.series(model).equals("lopinfer") || trace.name().endsWith("-hp")) return NONE;
    return switch (environment(trace)) {
      case "indoors" -> INDOORS;
      case "outdoors" -> OUTDOORS;
      default -> NONE;
    };
  }

  /** {@code indoors}, {@code outdoors}, or the trace's own name where it tells neither. */
  public static String environment(RateTrace trace) {
    String name = trace.name().toLowerCase(Locale.ROOT);
    return name.startsWith("indoors") ? "indoors" : name.startsWith("outdoors") ? "outdoors" : name;
  }

  /** One way. */
  public double delaySeconds() {
    return roundTripMillis / 2e3;
  }
}
