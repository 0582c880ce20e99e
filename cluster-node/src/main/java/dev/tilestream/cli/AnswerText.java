package dev.tilestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A node's JSON answer to an inference, for people: the largest values of short outputs, a summary of long ones. */
final class AnswerText {
  private static final int TOP = 5;
  /** Up to here an output is taken for scores of classes. */
  private static final int CLASSES = 100_000;

  /** What was read from the outputs. */
  private static final List<String> FOUND = List.of("classes", "detections");
  private static final Set<String> APART = Set.of("timeline", "classes", "detections");

  private AnswerText() {}

  static String of(JsonNode answer) {
    StringBuilder text = new StringBuilder();
    text.append(answer.path("model_name").asText()).append(' ').append(answer.path("model_version").asText());
    answer.path("parameters").fields().forEachRemaining(p -> {
      if (!APART.contains(p.getKey())) text.append("  ").append(p.getKey()).append('=').append(plain(p.getValue()));
    });
    text.append('\n');
    for (String found : FOUND) for (JsonNode one : answer.path("parameters").path(found)) text.append(found(one));
    for (JsonNode output : answer.path("outputs")) append(text, output);
    return text.toString();
  }

  /** Score, what it is, and where in the picture. */
  private static String found(JsonNode one) {
    String what = one.path("label").asText("class " + one.path("class").asText());
    JsonNode box = one.path("box");
    if (!box.isArray()) return "  %s  %s%n".formatted(share(one), what);
    return String.format(Locale.ROOT, "  %s  %-16s %.0f,%.0f to %.0f,%.0f%n", share(one), what, box.path(0).asDouble(), box.path(1).asDouble(),
        box.path(2).asDouble(), box.path(3).asDouble());
  }

  private static String share(JsonNode one) {
    return String.format(Locale.ROOT, "%.3f", one.path("score").asDouble());
  }

  private static void append(StringBuilder text, JsonNode output) {
    text.append("%s  %s %s%n".formatted(output.path("name").asText(), output.path("datatype").asText(), output.path("shape")));
    List<Double> values = new ArrayList<>();
    collect(output.path("data"), values);
    if (values.isEmpty()) {
      text.append("  (empty)\n");
    } else if (isVector(output.path("shape"))) {
      IntStream.range(0, values.size()).boxed()
          .sorted(Comparator.comparingDouble((Integer i) -> -values.get(i)).thenComparing(i -> i))
          .limit(TOP)
          .forEach(i -> text.append("  %6d  %s%n".formatted(i, number(values.get(i)))));
    } else {
      var s = values.stream().mapToDouble(Double::doubleValue).summaryStatistics();
      text.append("  min %s  max %s  mean %s%n".formatted(number(s.getMin()), number(s.getMax()), number(s.getAverage())));
    }
  }

  private static boolean isVector(JsonNode shape) {
    List<Long> extents = new ArrayList<>();
    shape.forEach(d -> extents.add(d.asLong()));
    List<Long> wide = extents.stream().filter(d -> d != 1).toList();
    return wide.isEmpty() || wide.size() == 1 && wide.get(0) <= CLASSES;
  }

  /** Data may be nested or flat; what is no number (NaN as text) is NaN. */
  private static void collect(JsonNode data, List<Double> values) {
    if (data.isArray()) data.forEach(d -> collect(d, values));
    else if (data.isBoolean()) values.add(data.asBoolean() ? 1.0 : 0.0);
    else values.add(data.isNumber() ? data.asDouble() : Double.NaN);
  }

  private static String plain(JsonNode value) {
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(v -> items.add(v.asText()));
      return items.stream().collect(Collectors.joining(","));
    }
    return value.asText();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }
}
