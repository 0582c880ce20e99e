package dev.tilestream.api;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import dev.tilestream.scheduler.ModelStatus;
import java.util.List;
import java.util.function.IntSupplier;

/** The server as a whole: metadata, health, status, and the status as a page. */
final class ServerHttp {
  private final ApiBackend backend;
  private final IntSupplier inFlight;

  ServerHttp(ApiBackend backend, IntSupplier inFlight) {
    this.backend = backend;
    this.inFlight = inFlight;
  }

  /** The release; a build that was not packaged has none. */
  private static String version() {
    String version = ServerHttp.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  HttpResponse metadata() {
    return Responses.json(200, json -> {
      json.writeStartObject();
      json.writeStringField("name", "tilestream");
      json.writeStringField("version", version());
      json.writeArrayFieldStart("extensions");
      json.writeString("binary_tensor_data");
      json.writeString("model_repository");
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  HttpResponse live() {
    return health("live", true);
  }

  HttpResponse ready() {
    return health("ready", backend.node().ready());
  }

  private static HttpResponse health(String what, boolean good) {
    return Responses.json(good ? 200 : 503, json -> {
      json.writeStartObject();
      json.writeBooleanField(what, good);
      if (!good) json.writeStringField("error", "not " + what);
      json.writeEndObject();
    });
  }

  HttpResponse status() {
    NodeView node = backend.node();
    return Responses.json(200, json -> {
      json.writeStartObject();
      json.writeStringField("name", node.name());
      json.writeStringField("role", node.role());
      json.writeStringField("version", version());
      json.writeBooleanField("ready", node.ready());
      json.writeNumberField("requests_in_flight", inFlight.getAsInt());
      json.writeArrayFieldStart("members");
      for (NodeView.Member member : node.members()) {
        json.writeStartObject();
        json.writeStringField("name", member.name());
        json.writeStringField("role", member.role());
        json.writeStringField("address", member.address());
        json.writeStringField("state", member.state());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("models");
      for (ModelStatus model : backend.models().models()) {
        json.writeStartObject();
        json.writeStringField("name", model.name());
        json.writeStringField("version", model.version());
        json.writeStringField("state", ModelHttp.state(model));
        json.writeStringField("reason", model.reason());
        ModelHttp.ports(json, "inputs", model.inputs());
        ModelHttp.ports(json, "outputs", model.outputs());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  HttpResponse page() {
    NodeView node = backend.node();
    List<List<String>> members =
        node.members().stream().map(m -> List.of(m.name(), m.role(), m.address(), m.state())).toList();
    List<List<String>> models =
        backend.models().models().stream().map(m -> List.of(m.name(), m.version(), ModelHttp.state(m), m.reason())).toList();
    String html = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>%1$s</title>
        <style>body{font-family:sans-serif;margin:2em}td,th{padding:.2em 1em .2em 0;text-align:left}</style></head><body>
        <h1>%1$s</h1><p>%2$s, %3$s; %4$d requests in flight. <a href="/api/status">As JSON</a></p>
        %5$s%6$s</body></html>
        """.formatted(escape(node.name()), escape(node.role()), node.ready() ? "ready" : "not ready", inFlight.getAsInt(),
            table("Members", List.of("name", "role", "address", "state"), members),
            table("Models", List.of("name", "version", "state", "reason"), models));
    return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, html));
  }

  private static String table(String title, List<String> columns, List<List<String>> rows) {
    StringBuilder html = new StringBuilder("<h2>").append(title).append("</h2><table><tr>");
    columns.forEach(column -> html.append("<th>").append(column).append("</th>"));
    html.append("</tr>\n");
    for (List<String> row : rows) {
      html.append("<tr>");
      row.forEach(cell -> html.append("<td>").append(escape(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    return html.append("</table>\n").toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
