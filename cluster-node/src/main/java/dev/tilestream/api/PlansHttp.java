package dev.tilestream.api;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.scheduler.PlanReport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** {@code GET /api/plans[?model=M]}: which plan serves each goal of each model at this node, what else there is, and why. */
final class PlansHttp {
  private final ApiBackend backend;

  PlansHttp(ApiBackend backend) {
    this.backend = backend;
  }

  CompletionStage<HttpResponse> plans(HttpRequest request) {
    return backend.plans().apply(request.getUri().query().get("model")).thenApply(reports -> Responses.json(200, json -> write(json, reports)));
  }

  private static void write(JsonGenerator json, List<PlanReport> reports) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("goals");
    for (PlanReport report : reports) {
      json.writeStartObject();
      json.writeStringField("model", report.model());
      json.writeStringField("version", report.version());
      json.writeStringField("strategy", report.strategy());
      json.writeStringField("objective", report.objective());
      json.writeStringField("halo", report.halo());
      json.writeStringField("precision", report.precision());
      json.writeBooleanField("settled", report.settled());
      json.writeNumberField("switches", report.switches());
      numbers(json, "mbit", report.rates(), 8e-6);
      numbers(json, "rate_deviation", report.deviations(), 1);
      numbers(json, "wait_ms", report.waits(), 1e3);
      json.writeArrayFieldStart("plans");
      for (PlanReport.Candidate plan : report.plans()) candidate(json, plan);
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void candidate(JsonGenerator json, PlanReport.Candidate plan) throws IOException {
    json.writeStartObject();
    json.writeStringField("plan", plan.plan());
    json.writeStringField("made_by", plan.madeBy());
    json.writeBooleanField("in_use", plan.inUse());
    json.writeBooleanField("deployed", plan.deployed());
    number(json, "promised_ms", plan.promisedSeconds() * 1e3);
    number(json, "expected_ms", plan.expectedSeconds() * 1e3);
    json.writeNumberField("measured", plan.measured());
    number(json, "joules", plan.joules());
    if (!Double.isNaN(plan.bestFrom())) {
      json.writeArrayFieldStart("best_at_rates");
      json.writeNumber(rounded(plan.bestFrom()));
      json.writeNumber(rounded(plan.bestTo()));
      json.writeEndArray();
    }
    json.writeObjectFieldStart("tiles");
    for (Map.Entry<String, Integer> e : plan.tiles().entrySet()) json.writeNumberField(e.getKey(), e.getValue());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void numbers(JsonGenerator json, String name, Map<String, Double> values, double unit) throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, Double> e : values.entrySet()) number(json, e.getKey(), e.getValue() * unit);
    json.writeEndObject();
  }

  /** JSON has no NaN: what is unknown is left out. */
  private static void number(JsonGenerator json, String name, double value) throws IOException {
    if (Double.isFinite(value)) json.writeNumberField(name, rounded(value));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
