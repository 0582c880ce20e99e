package dev.tilestream.bench.link;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** This machine's loopback, with ends that emulate a slower air for what they send. Small messages do not wait behind tensors there. */
record EmulatedLine(String settings, String description) implements Line {
  static EmulatedLine of(double bytesPerSecond, Duration delay) {
    String settings = String.format(
        Locale.ROOT, "tilestream.link { emulated-bytes-per-second = %.0f, emulated-delay = %d ns }", bytesPerSecond, delay.toNanos());
    return new EmulatedLine(settings, String.format(Locale.ROOT, "emulated (loopback; %.1f ms each way)", delay.toNanos() / 1e6));
  }

  /** A rate that follows the trace in {@code file} from {@code startMillis} on. */
  static EmulatedLine of(String file, long startMillis) {
    return new EmulatedLine(
        "tilestream.link.emulated-trace { file = \"%s\", start-epoch-millis = %d }".formatted(file, startMillis), "emulated (loopback; by trace)");
  }

  @Override
  public List<String> at(int end, List<String> command) {
    return command;
  }

  @Override
  public String host(int end) {
    return "127.0.0.1";
  }

  @Override
  public double queueSeconds() {
    return Double.NaN;
  }

  @Override
  public void close() {
    // Nothing was made.
  }
}
