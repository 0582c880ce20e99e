package dev.tilestream.api;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.postprocess.Findings;
import java.io.IOException;

/** What outputs mean, as fields of the answer's {@code parameters}. */
final class FindingsJson {
  private FindingsJson() {}

  static void write(JsonGenerator json, Findings findings) throws IOException {
    if (findings == Findings.NONE) return;
    if (findings.ranked()) {
      json.writeArrayFieldStart("classes");
      for (Findings.Ranked ranked : findings.classes()) {
        json.writeStartObject();
        scored(json, ranked.index(), ranked.label(), ranked.score());
        json.writeEndObject();
      }
      json.writeEndArray();
      return;
    }
    json.writeArrayFieldStart("detections");
    for (Findings.Detection found : findings.detections()) {
      json.writeStartObject();
      scored(json, found.index(), found.label(), found.score());
      json.writeArrayFieldStart("box");
      for (double edge : new double[] {found.box().left(), found.box().top(), found.box().right(), found.box().bottom()})
        json.writeNumber(Math.round(edge * 100) / 100.0);
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void scored(JsonGenerator json, int index, String label, double score) throws IOException {
    json.writeNumberField("class", index);
    if (!label.isEmpty()) json.writeStringField("label", label);
    if (Double.isFinite(score)) json.writeNumberField("score", (float) score);
    else json.writeStringField("score", Double.toString(score));
  }
}
