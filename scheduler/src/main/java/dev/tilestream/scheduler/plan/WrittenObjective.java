package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.plan.Objective.Energy;
import dev.tilestream.scheduler.plan.Objective.Throughput;
import dev.tilestream.scheduler.plan.Objective.Weighted;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An {@link Objective} as people write it: {@code latency}, {@code energy} or {@code energy:200ms}, {@code weighted:PER_SECOND,PER_JOULE},
 * {@code throughput} or {@code throughput:FRAMES}.
 *
 * @param text as it was written
 * @param objective with the default deadline where the text names none
 * @param open whether it saves energy within a deadline that stands elsewhere
 */
public record WrittenObjective(String text, Objective objective, boolean open) {
  /** What is accepted, for errors and help. */
  public static final String FORMS =
      "latency, energy or energy:DEADLINE such as energy:200ms, weighted:PER_SECOND,PER_JOULE, throughput or throughput:FRAMES";

  /** Frames in flight that plans for throughput count on when nobody says. */
  public static final int FRAMES = 4;
  public static final int MOST_FRAMES = 64;
  public static final Duration LONGEST_DEADLINE = Duration.ofHours(1);

  private static final double MOST_WEIGHT = 1e9;
  private static final String NUMBER = "([0-9]{1,12}(?:\\.[0-9]{1,12})?)";
  private static final Pattern TIME = Pattern.compile(NUMBER + "(us|ms|s|m)");
  private static final Pattern WEIGHTS = Pattern.compile(NUMBER + "," + NUMBER);
  private static final Map<String, Double> SECONDS = Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0, "m", 60.0);

  /** @throws IllegalArgumentException that says what came and what is expected */
  public static WrittenObjective parse(String text) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    Optional<String> of = colon < 0 ? Optional.empty() : Optional.of(text.substring(colon + 1));
    return switch (kind) {
      case "latency" -> {
        if (of.isPresent()) throw wrong(text, FORMS);
        yield new WrittenObjective(text, Objective.LATENCY, false);
      }
      case "energy" -> new WrittenObjective(
          text, new Energy(of.isPresent() ? seconds(text, of.get()) : EnergyPlanner.DEFAULT_DEADLINE_SECONDS), of.isEmpty());
      case "weighted" -> new WrittenObjective(text, weighted(text, of.orElse("")), false);
      case "throughput" -> new WrittenObjective(text, new Throughput(of.isPresent() ? frames(text, of.get()) : FRAMES), false);
      default -> throw wrong(text, FORMS);
    };
  }

  /** The same, within {@code deadline} if it names none itself. */
  public Objective within(Optional<Duration> deadline) {
    return open && deadline.isPresent() ? new Energy(deadline.get().toNanos() / 1e9) : objective;
  }

  private static double seconds(String text, String time) {
    Matcher written = TIME.matcher(time);
    double seconds = written.matches() ? Double.parseDouble(written.group(1)) * SECONDS.get(written.group(2)) : 0;
    if (!(seconds > 0 && seconds <= LONGEST_DEADLINE.toSeconds()))
      throw wrong(text, "energy:DEADLINE, a time above 0 and at most %dm, such as 200ms or 0.5s".formatted(LONGEST_DEADLINE.toMinutes()));
    return seconds;
  }

  private static Objective weighted(String text, String weights) {
    Matcher written = WEIGHTS.matcher(weights);
    double perSecond = written.matches() ? Double.parseDouble(written.group(1)) : 0;
    double perJoule = written.matches() ? Double.parseDouble(written.group(2)) : 0;
    if (perSecond + perJoule == 0 || perSecond > MOST_WEIGHT || perJoule > MOST_WEIGHT)
      throw wrong(text, "weighted:PER_SECOND,PER_JOULE, decimal numbers from 0 to %.0f, not both 0, such as weighted:1,0.5"
          .formatted(MOST_WEIGHT));
    return new Weighted(perSecond, perJoule);
  }

  private static int frames(String text, String number) {
    int frames = number.matches("[0-9]{1,4}") ? Integer.parseInt(number) : 0;
    if (frames < 1 || frames > MOST_FRAMES) throw wrong(text, "throughput:FRAMES, a whole number from 1 to %d".formatted(MOST_FRAMES));
    return frames;
  }

  private static IllegalArgumentException wrong(String text, String expected) {
    String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return new IllegalArgumentException("objective: %s (expected: %s)".formatted(shown.replaceAll("\\p{Cntrl}", "?"), expected));
  }
}
