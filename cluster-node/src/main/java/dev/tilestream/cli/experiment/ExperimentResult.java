package dev.tilestream.cli.experiment;

import dev.tilestream.cli.Quantiles;
import java.util.Arrays;
import java.util.Collection;
import java.util.OptionalDouble;

/**
 * What one strategy took in one experiment.
 *
 * @param strategy its name, and how it differs from the plain one if it does
 * @param exact whether it computes what one machine computes
 * @param joules that the robot draws for one inference, mean
 * @param bytes over the air for one inference, mean
 * @param n inferences
 * @param published what the authors measured of it, in milliseconds, if they did
 * @param publishedJoules likewise
 */
public record ExperimentResult(
    String profile, String trace, String strategy, boolean exact, double meanMs, double medianMs, double p95Ms, double joules, long bytes,
    int n, OptionalDouble published, OptionalDouble publishedJoules) {

  /** One inference. */
  public record Sample(double millis, double joules, long bytes, boolean exact) {}

  /** @throws IllegalArgumentException without samples */
  public static ExperimentResult of(
      String profile, String trace, String strategy, Collection<Sample> samples, OptionalDouble published, OptionalDouble publishedJoules) {
    if (samples.isEmpty()) throw new IllegalArgumentException("%s, %s: no samples (expected: some)".formatted(profile, strategy));
    double[] millis = samples.stream().mapToDouble(Sample::millis).toArray();
    return new ExperimentResult(
        profile, trace, strategy, samples.stream().allMatch(Sample::exact), Arrays.stream(millis).average().orElseThrow(),
        Quantiles.median(millis), Quantiles.quantile(millis, 0.95), samples.stream().mapToDouble(Sample::joules).average().orElseThrow(),
        Math.round(samples.stream().mapToLong(Sample::bytes).average().orElseThrow()), samples.size(), published, publishedJoules);
  }
}
