package dev.tilestream.api;

import akka.http.javadsl.model.Uri;
import akka.japi.Pair;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a picture's request says in its address, because its body has no room for it: {@code ?strategy=even&deadline_ms=500&timeline=true}.
 */
final class QueryOptions {
  private QueryOptions() {}

  static RequestOptions read(Uri uri, Duration longestDeadline) {
    return read(uri.query().toList(), longestDeadline);
  }

  static RequestOptions read(List<Pair<String, String>> query, Duration longestDeadline) {
    RequestOptions options = RequestOptions.NONE;
    Set<String> said = new HashSet<>();
    for (Pair<String, String> parameter : query) {
      String value = parameter.second();
      if (!said.add(parameter.first())) throw ApiError.badRequest("query: %s: twice (expected: once)", parameter.first());
      options = switch (parameter.first()) {
        case "strategy" -> options.withStrategy(value);
        case "deadline_ms" -> options.withDeadline(number(value), longestDeadline);
        case "halo" -> options.withHalo(whole("halo", value));
        case "precision" -> options.withPrecision(value);
        case "objective" -> options.withObjective(value);
        case "timeline" -> options.withTimeline(bool("timeline", value));
        case "binary_data_output" -> options.withBinaryOutputs(bool("binary_data_output", value));
        case "outputs" -> options.withRawOutputs(value);
        case "sequence_id" -> options.withStream(value);
        default -> throw ApiError.badRequest(
            "query: %s (expected: strategy, deadline_ms, halo, precision, objective, timeline, binary_data_output, outputs or sequence_id)",
            parameter.first());
      };
    }
    return options;
  }

  private static double number(String value) {
    if (!value.matches("[0-9]{1,12}(\\.[0-9]{1,12})?")) throw ApiError.badRequest("query: deadline_ms: %s (expected: a number)", value);
    return Double.parseDouble(value);
  }

  private static long whole(String name, String value) {
    if (!value.matches("[0-9]{1,9}")) throw ApiError.badRequest("query: %s: %s (expected: a whole number)", name, value);
    return Long.parseLong(value);
  }

  private static boolean bool(String name, String value) {
    if (!value.equals("true") && !value.equals("false")) throw ApiError.badRequest("query: %s: %s (expected: true or false)", name, value);
    return value.equals("true");
  }
}
