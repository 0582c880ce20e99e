package dev.tilestream.repository;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.tilestream.graph.Horizon;
import dev.tilestream.json.JsonBounds;
import dev.tilestream.picture.PictureInput;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.postprocess.Postprocess;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.WrittenObjective;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What {@code config.json} says about a model; every field may be left out, an unknown one is an error.
 *
 * <pre>{@code
 * {
 *   "input": {"width": 352, "height": 352, "layout": "NCHW", "channelOrder": "BGR", "mean": [0], "scale": [0.00392156862745098],
 *             "resize": "stretch"},
 *   "labels": ["person", "bicycle"],
 *   "defaultStrategy": "hybrid",
 *   "deadlineMs": 2000,
 *   "halo": 8,
 *   "objective": "energy:500ms",
 *   "precision": "fp16",
 *   "shapes": {"input.1": [1, 3, 352, 352]},
 *   "postprocess": {"kind": "fastestdet", "confidence": 0.6}
 * }
 * }</pre>
 *
 * @param input how pictures become the input; without it the model takes tensors only
 * @param labels names of the classes, by index
 * @param halo rows of halo that devices see beyond their share where a request says nothing; without it results are exact
 * @param objective what plans are chosen for where a request says nothing; energy without a deadline of its own has that of the model
 * @param precision at which floats cross links where a request says nothing; without it they cross as they are
 * @param shapes shapes of inputs with dynamic dimensions, by input name
 * @param postprocess how outputs are read; without it they are told as they are
 */
public record ModelConfig(
    Optional<PictureInput> input,
    List<String> labels,
    Optional<Strategy> defaultStrategy,
    Optional<Duration> deadline,
    Optional<Integer> halo,
    Optional<Objective> objective,
    Optional<Precision> precision,
    Map<String, Shape> shapes,
    Optional<Postprocess> postprocess) {
  /** What a model without {@code config.json} has. */
  public static final ModelConfig NONE =
      new ModelConfig(
          Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of(),
          Optional.empty());

  private static final double LONGEST_DEADLINE_MS = Duration.ofHours(1).toMillis();
  private static final JsonBounds.Limits LIMITS = new JsonBounds.Limits(1 << 16, 400, 16, 10_000);
  private static final ObjectReader READER = reader();

  public ModelConfig {
    labels = List.copyOf(labels);
    shapes = Map.copyOf(shapes);
  }

  /** A {@code config.json} that cannot be meant; the message has the file, the line, the field, what came and what is expected. */
  public static final class Fault extends IllegalArgumentException {
    Fault(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * @param source what to call it in errors
   * @throws Fault when it is not what the fields say
   */
  public static ModelConfig parse(String source, byte[] json) {
    try {
      JsonBounds.check(json, LIMITS);
      Written written = READER.readValue(json);
      if (written == null) throw new Fault(source + ": null (expected: an object)", null);
      return written.read();
    } catch (JsonBounds.Exceeded e) {
      throw new Fault("%s: %s".formatted(source, e.getMessage()), e);
    } catch (JsonMappingException e) {
      throw new Fault("%s line %d, %s: %s".formatted(source, line(e.getLocation()), field(e), reason(e)), e);
    } catch (JsonProcessingException e) {
      throw new Fault("%s line %d: not JSON: %s".formatted(source, line(e.getLocation()), e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new Fault("%s: %s".formatted(source, e.getMessage()), e);
    }
  }

  private static int line(JsonLocation location) {
    return location == null ? 1 : location.getLineNr();
  }

  private static String field(JsonMappingException e) {
    String path = e.getPath().stream()
        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : "." + r.getFieldName())
        .collect(Collectors.joining());
    return path.isEmpty() ? "top level" : path.replaceFirst("^\\.", "");
  }

  private static String reason(JsonMappingException e) {
    if (e instanceof UnrecognizedPropertyException u) return "unknown field (expected: one of %s)".formatted(u.getKnownPropertyIds());
    Throwable cause = e.getCause();
    return cause instanceof IllegalArgumentException ? cause.getMessage() : e.getOriginalMessage();
  }

  /** The file's own form. */
  private record Written(
      PictureInput input,
      List<String> labels,
      Strategy defaultStrategy,
      Double deadlineMs,
      Integer halo,
      WrittenObjective objective,
      Precision precision,
      Map<String, List<Integer>> shapes,
      Postprocess postprocess) {
    Written {
      if (deadlineMs != null && !(deadlineMs > 0 && deadlineMs <= LONGEST_DEADLINE_MS))
        throw new IllegalArgumentException("deadlineMs: %s (expected: above 0, at most %.0f)".formatted(deadlineMs, LONGEST_DEADLINE_MS));
      if (halo != null && (halo < 0 || halo > Horizon.MOST))
        throw new IllegalArgumentException("halo: %d (expected: 0 to %d rows)".formatted(halo, Horizon.MOST));
      if (labels != null && labels.contains(null)) throw new IllegalArgumentException("labels: null (expected: texts)");
      if (shapes != null) shapes.forEach(Written::checkShape);
      if (postprocess != null && postprocess.kind() != Postprocess.Kind.CLASSES && input == null)
        throw new IllegalArgumentException("postprocess: boxes without an input (expected: \"input\", whose size they are relative to)");
    }

    private static void checkShape(String input, List<Integer> dims) {
      if (dims == null || dims.contains(null))
        throw new IllegalArgumentException("shapes.%s: null (expected: dimensions)".formatted(input));
      long elements = 1;
      for (int dim : dims) {
        if (dim < 1) throw new IllegalArgumentException("shapes.%s: %s (expected: every dimension at least 1)".formatted(input, dims));
        if (elements > Integer.MAX_VALUE / dim)
          throw new IllegalArgumentException("shapes.%s: %s (expected: fewer than 2^31 elements)".formatted(input, dims));
        elements *= dim;
      }
    }

    ModelConfig read() {
      Optional<Duration> deadline = Optional.ofNullable(deadlineMs).map(ms -> Duration.ofNanos(Math.round(ms * 1e6)));
      Map<String, Shape> fixed = new LinkedHashMap<>();
      if (shapes != null) shapes.forEach((name, dims) -> fixed.put(name, Shape.of(dims.stream().mapToInt(Integer::intValue).toArray())));
      return new ModelConfig(
          Optional.ofNullable(input),
          labels == null ? List.of() : labels,
          Optional.ofNullable(defaultStrategy),
          deadline,
          Optional.ofNullable(halo),
          Optional.ofNullable(objective).map(o -> o.within(deadline)),
          Optional.ofNullable(precision),
          fixed,
          Optional.ofNullable(postprocess));
    }
  }

  private static ObjectReader reader() {
    return JsonMapper.builder()
        .addModule(new SimpleModule()
            .addDeserializer(Strategy.class, new WordReader<>(Strategy.class, Strategy::of))
            .addDeserializer(Precision.class, new WordReader<>(Precision.class, Precision::of))
            .addDeserializer(WrittenObjective.class, new WordReader<>(WrittenObjective.class, WrittenObjective::parse)))
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .build()
        .readerFor(Written.class);
  }

  /** Reads what is written as one text. */
  private static final class WordReader<T> extends StdDeserializer<T> {
    private final transient Function<String, T> meaning;

    WordReader(Class<T> type, Function<String, T> meaning) {
      super(type);
      this.meaning = meaning;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_STRING)
        throw JsonMappingException.from(parser, "%s (expected: a text)".formatted(parser.getText()));
      try {
        return meaning.apply(parser.getText());
      } catch (IllegalArgumentException e) {
        throw JsonMappingException.from(parser, e.getMessage(), e);
      }
    }
  }
}
