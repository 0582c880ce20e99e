package dev.tilestream.cli;

import dev.tilestream.scheduler.plan.Objective;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** What plans are chosen for, as people write it: {@code latency}, {@code energy:1s}, {@code weighted:1,0.5}, {@code throughput:4}. */
final class ObjectiveWord {
  private static final String EXPECTED =
      "expected: latency, energy:DEADLINE (e.g. energy:1s), weighted:PER_SECOND,PER_JOULE or throughput:FRAMES";

  private ObjectiveWord() {}

  /** @throws TypeConversionException that says what came and what was expected */
  static Objective parse(String text) {
    String[] parts = text.strip().split(":", 2);
    String of = parts.length == 2 ? parts[1].strip() : "";
    try {
      return switch (parts[0].toLowerCase(Locale.ROOT)) {
        case "latency" -> require(of.isEmpty(), text, Objective.LATENCY);
        case "energy" -> new Objective.Energy(seconds(of.isEmpty() ? "1s" : of));
        case "throughput" -> new Objective.Throughput(of.isEmpty() ? 2 : Integer.parseInt(of));
        case "weighted" -> weighted(text, of.split(",", -1));
        default -> throw wrong(text);
      };
    } catch (IllegalArgumentException e) {
      throw wrong(text);
    }
  }

  private static Objective weighted(String text, String[] numbers) {
    if (numbers.length != 2) throw wrong(text);
    return new Objective.Weighted(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
  }

  private static double seconds(String text) {
    Duration time = Durations.parse(text);
    return time.toNanos() / 1e9;
  }

  private static Objective require(boolean sound, String text, Objective objective) {
    if (!sound) throw wrong(text);
    return objective;
  }

  private static TypeConversionException wrong(String text) {
    return new TypeConversionException("'%s' is no objective (%s)".formatted(text, EXPECTED));
  }
}
