package dev.tilestream.kernel;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Block {@code tilestream.kernel}.
 *
 * @param threads that one kernel computes with; 0 in the configuration means all processors
 * @param backend which library computes
 * @param measureBudget how long a band may be measured to choose between libraries; zero means never: ONNX Runtime
 */
public record KernelSettings(int threads, Backend backend, Duration measureBudget) {
  /** Which library computes bands that both can compute. */
  public enum Backend {
    /** The one that measured faster. */
    AUTO,
    ND4J,
    ONNXRUNTIME;

    private static Backend of(String word) {
      for (Backend b : values()) if (b.name().toLowerCase(Locale.ROOT).equals(word)) return b;
      throw new IllegalArgumentException(
          "tilestream.kernel.backend: %s (expected: one of %s)"
              .formatted(word, Arrays.stream(values()).map(b -> b.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "))));
    }
  }

  public KernelSettings {
    if (threads < 1) throw new IllegalArgumentException("kernel threads: %d (expected: >= 1)".formatted(threads));
    if (measureBudget.isNegative())
      throw new IllegalArgumentException("kernel measure budget: %s (expected: not negative)".formatted(measureBudget));
  }

  /** @param config the root, with {@code tilestream.kernel} in it */
  public static KernelSettings from(Config config) {
    Config kernel = config.getConfig("tilestream.kernel");
    int threads = kernel.getInt("threads");
    return new KernelSettings(
        threads == 0 ? Runtime.getRuntime().availableProcessors() : threads,
        Backend.of(kernel.getString("backend")),
        kernel.getDuration("measure-budget"));
  }
}
