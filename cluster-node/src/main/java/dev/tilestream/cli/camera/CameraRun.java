package dev.tilestream.cli.camera;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.CommandFailed;
import dev.tilestream.client.FrameAnswer;
import dev.tilestream.client.FrameConnection;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.Wanted;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Frames sent at a rate, and how old they were when their answers were there.
 *
 * @param rate frames a second
 * @param most frames, if the source has so many
 * @param window that the node computes at a time; empty: as many as it finds worth it
 */
public record CameraRun(double rate, long most, OptionalInt window) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** @param listener gets every answer, as {@link NodeClient#stream} gives it */
  public Figures run(NodeClient node, String model, Wanted wanted, FrameSource source, Consumer<FrameAnswer> listener)
      throws InterruptedException {
    Ages ages = new Ages();
    Consumer<FrameAnswer> both = answer -> {
      if (answer.error().isEmpty()) ages.add(answer.ageMillis());
      listener.accept(answer);
    };
    try (FrameConnection stream = node.stream(model, wanted, window, both)) {
      long begun = System.nanoTime();
      long sent = send(stream, source, begun);
      double seconds = (System.nanoTime() - begun) / 1e9;
      JsonNode end = stream.end(PATIENCE);
      return new Figures(sent, seconds, end, ages.sorted());
    }
  }

  private long send(FrameConnection stream, FrameSource source, long begun) throws InterruptedException {
    for (long sent = 0; sent < most; sent++) {
      long early = begun + (long) (sent * 1e9 / rate) - System.nanoTime();
      if (early > 0) Thread.sleep(early / 1_000_000, (int) (early % 1_000_000));
      Optional<byte[]> frame = next(source);
      if (frame.isEmpty()) return sent;
      stream.send(frame.get());
    }
    return most;
  }

  private static Optional<byte[]> next(FrameSource source) {
    try {
      return source.next();
    } catch (IOException e) {
      throw new CommandFailed("a frame cannot be read: " + e.getMessage(), e);
    }
  }

  /** Filled by the connection's thread, read when it is over. */
  private static final class Ages {
    private double[] millis = new double[1024];
    private int count;

    synchronized void add(double age) {
      if (count == millis.length) millis = Arrays.copyOf(millis, 2 * count);
      millis[count++] = age;
    }

    synchronized double[] sorted() {
      double[] sorted = Arrays.copyOf(millis, count);
      Arrays.sort(sorted);
      return sorted;
    }
  }

  /**
   * What became of the frames.
   *
   * @param sent how many
   * @param seconds that sending took
   * @param node what the node says of them
   * @param agesMillis of those with an answer, from sending to its being here, ascending
   */
  public record Figures(long sent, double seconds, JsonNode node, double[] agesMillis) {
    /** Frames of which nothing was said. */
    public long lost() {
      return sent - node.path("answered").asLong() - node.path("dropped").asLong() - node.path("failed").asLong();
    }

    private double age(double quantile) {
      return agesMillis.length == 0 ? Double.NaN : agesMillis[(int) Math.min(agesMillis.length - 1.0, agesMillis.length * quantile)];
    }

    public String text() {
      return String.format(
          Locale.ROOT, "%d frames in %.1f s: %d answered (%.1f a second), %d dropped for newer ones, %d failed, %d lost%n"
              + "age of an answered frame: median %.1f ms, p95 %.1f ms, most %.1f ms%n",
          sent, seconds, node.path("answered").asLong(), node.path("answered").asLong() / seconds, node.path("dropped").asLong(),
          node.path("failed").asLong(), lost(), age(0.5), age(0.95), age(1));
    }

    public JsonNode json() {
      ObjectNode json = JSON.createObjectNode().put("end", true).put("sent", sent).put("seconds", seconds);
      for (String field : new String[] {"answered", "dropped", "failed", "depth"}) json.set(field, node.path(field));
      json.put("lost", lost());
      if (agesMillis.length > 0) json.putObject("age_ms").put("median", age(0.5)).put("p95", age(0.95)).put("most", age(1));
      return json;
    }
  }
}
