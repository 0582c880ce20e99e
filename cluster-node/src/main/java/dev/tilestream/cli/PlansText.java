package dev.tilestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plans of a node as a table for each goal. */
final class PlansText {
  private PlansText() {}

  /** @param plans as {@code GET /api/plans} gives them */
  static String of(JsonNode plans) {
    StringBuilder text = new StringBuilder();
    for (JsonNode goal : plans.path("goals")) {
      text.append("%s, %s, %s, halo %s; links %s Mbit/s, waits %s ms; %d switches%s%n".formatted(
          goal.path("model").asText(), goal.path("strategy").asText(), goal.path("objective").asText(), goal.path("halo").asText(),
          numbers(goal.path("mbit")), numbers(goal.path("wait_ms")), goal.path("switches").asLong(),
          goal.path("settled").asBoolean() ? "" : "; still planning"));
      TextTable table = new TextTable("plan", "made by", "", "promised ms", "expected ms", "measured", "J", "best at rates x", "tiles");
      for (JsonNode p : goal.path("plans")) {
        String state = p.path("in_use").asBoolean() ? "in use" : p.path("deployed").asBoolean() ? "deployed" : "";
        JsonNode best = p.path("best_at_rates");
        table.row(
            p.path("plan").asText(), p.path("made_by").asText(), state, one(p.path("promised_ms")), one(p.path("expected_ms")),
            p.path("measured").asText(), p.path("joules").asText(), best.isArray() ? best.get(0) + " to " + best.get(1) : "",
            numbers(p.path("tiles")));
      }
      text.append(table).append(System.lineSeparator());
    }
    return text.isEmpty() ? "no plans: nobody has asked for the model here yet%n".formatted() : text.toString();
  }

  private static String numbers(JsonNode values) {
    List<String> all = new ArrayList<>();
    values.fields().forEachRemaining(e -> all.add(e.getKey() + " " + e.getValue().asText()));
    return all.isEmpty() ? "-" : String.join(", ", all);
  }

  private static String one(JsonNode number) {
    return String.format(Locale.ROOT, "%.1f", number.asDouble());
  }
}
