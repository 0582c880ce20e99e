package dev.tilestream.api;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;

/** What became of a stream's frames, and how old they were when they were answered. Not thread-safe. */
final class StreamFigures {
  /** Ages that quantiles are of: the last so many. */
  private static final int KEPT = 1024;

  private final long begunNanos;
  private final double[] agesMillis = new double[KEPT];
  private long answered;
  private long failed;
  private double mostMillis;

  StreamFigures(long now) {
    begunNanos = now;
  }

  void answered(double ageMillis) {
    agesMillis[(int) (answered++ % KEPT)] = ageMillis;
    mostMillis = Math.max(mostMillis, ageMillis);
  }

  void failed() {
    failed++;
  }

  /** Fields of an object that is open. */
  void write(JsonGenerator json, long frames, long dropped, int depth, long now) throws IOException {
    double seconds = (now - begunNanos) / 1e9;
    json.writeNumberField("frames", frames);
    json.writeNumberField("answered", answered);
    json.writeNumberField("dropped", dropped);
    json.writeNumberField("failed", failed);
    json.writeNumberField("seconds", Math.round(seconds * 1e3) / 1e3);
    json.writeNumberField("depth", depth);
    double[] sorted = Arrays.copyOf(agesMillis, (int) Math.min(answered, KEPT));
    if (sorted.length == 0) return;
    Arrays.sort(sorted);
    json.writeObjectFieldStart("age_ms");
    json.writeNumberField("median", rounded(sorted[sorted.length / 2]));
    json.writeNumberField("p95", rounded(sorted[(int) (sorted.length * 0.95)]));
    json.writeNumberField("most", rounded(mostMillis));
    json.writeEndObject();
  }

  static double rounded(double millis) {
    return Math.round(millis * 1e3) / 1e3;
  }
}
