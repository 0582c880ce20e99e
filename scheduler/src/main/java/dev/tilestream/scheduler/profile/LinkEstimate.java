package dev.tilestream.scheduler.profile;

/**
 * What one direction between two devices delivers.
 *
 * @param bytesPerSecond goodput of tensor bytes
 * @param delaySeconds from the last byte sent to its being with the receiver
 * @param messageSeconds what each message (a chunk of rows) occupies the link for besides its bytes
 * @param rateDeviation how far off the rate has been lately, as a share of it; 0 where it is not measured but said
 * @param delayDeviationSeconds how much longer small messages lately took, likewise
 */
public record LinkEstimate(
    double bytesPerSecond, double delaySeconds, double messageSeconds, double rateDeviation, double delayDeviationSeconds) {
  /** What a message costs where it was not measured: its turn through two actors and the transport. */
  public static final double MESSAGE_SECONDS = 100e-6;

  public LinkEstimate {
    if (!(bytesPerSecond > 0)) throw new IllegalArgumentException("link: %s bytes/s (expected: above 0)".formatted(bytesPerSecond));
    if (!(delaySeconds >= 0) || !(messageSeconds >= 0))
      throw new IllegalArgumentException("link: delay %s s, %s s a message (expected: not negative)"
          .formatted(delaySeconds, messageSeconds));
    if (!(rateDeviation >= 0) || !(delayDeviationSeconds >= 0))
      throw new IllegalArgumentException("link: deviations %s, %s s (expected: not negative)".formatted(rateDeviation, delayDeviationSeconds));
  }

  /** One that is sure. */
  public LinkEstimate(double bytesPerSecond, double delaySeconds, double messageSeconds) {
    this(bytesPerSecond, delaySeconds, messageSeconds, 0, 0);
  }

  /** The same way, {@code factor} times as fast. */
  public LinkEstimate times(double factor) {
    return new LinkEstimate(bytesPerSecond * factor, delaySeconds, messageSeconds, rateDeviation, delayDeviationSeconds);
  }

  /** A link of {@code megabits} per second goodput. */
  public static LinkEstimate ofMegabits(double megabits, double delayMillis) {
    return new LinkEstimate(megabits * 1e6 / 8, delayMillis / 1000, MESSAGE_SECONDS);
  }
}
