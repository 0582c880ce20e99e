package dev.tilestream.api;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Metadata and readiness of models, and the repository extension. */
final class ModelHttp {
  private static final long LARGEST_BODY = 64 << 10;
  /** By name, then by number; versions are whole numbers. */
  private static final Comparator<ModelStatus> ORDER =
      Comparator.comparing(ModelStatus::name).thenComparing(m -> m.version().length()).thenComparing(ModelStatus::version);

  private final ModelControl control;
  private final Models models;
  private final BodyReceiver receiver;

  ModelHttp(ModelControl control, BodyReceiver receiver) {
    this.control = control;
    this.receiver = receiver;
    models = new Models(control);
  }

  CompletionStage<HttpResponse> metadata(String name, Optional<String> version) {
    return models.usable(name, version).thenApply(this::metadata);
  }

  private HttpResponse metadata(ModelStatus model) {
    List<String> versions = sorted().stream().filter(m -> m.name().equals(model.name())).map(ModelStatus::version).toList();
    return Responses.json(200, json -> {
      json.writeStartObject();
      json.writeStringField("name", model.name());
      json.writeArrayFieldStart("versions");
      for (String each : versions) json.writeString(each);
      json.writeEndArray();
      json.writeStringField("platform", "onnx_onnxv1");
      ports(json, "inputs", model.inputs());
      ports(json, "outputs", model.outputs());
      json.writeEndObject();
    });
  }

  HttpResponse readiness(String name, Optional<String> version) {
    ModelStatus model = models.known(name, version);
    boolean ready = model.state() == ModelStatus.State.READY;
    return Responses.json(ready ? 200 : 503, json -> {
      json.writeStartObject();
      json.writeStringField("name", model.name());
      json.writeBooleanField("ready", ready);
      if (!ready) json.writeStringField("error", "model %s version %s: %s %s"
          .formatted(model.name(), model.version(), state(model), model.reason()).strip());
      json.writeEndObject();
    });
  }

  /** The body may ask for ready models only. */
  CompletionStage<HttpResponse> index(HttpRequest request) {
    return receiver.receive(request, length -> new CollectedBody<>(receiver.budget(), LARGEST_BODY, ModelHttp::readyOnly))
        .thenApply(readyOnly -> Responses.json(200, json -> {
          json.writeStartArray();
          for (ModelStatus model : sorted()) if (!readyOnly || model.state() == ModelStatus.State.READY) entry(json, model);
          json.writeEndArray();
        }));
  }

  CompletionStage<HttpResponse> load(HttpRequest request, String name, Optional<String> version) {
    Models.checkNames(name, version);
    return noParameters(request).thenCompose(none -> control.loadMeasured(name, version)).thenApply(ModelHttp::one);
  }

  CompletionStage<HttpResponse> unload(HttpRequest request, String name, Optional<String> version) {
    Models.checkNames(name, version);
    return noParameters(request).thenCompose(none -> control.unload(name, version)).thenApply(ModelHttp::one);
  }

  private static HttpResponse one(ModelStatus model) {
    return Responses.json(200, json -> entry(json, model));
  }

  private CompletionStage<Boolean> noParameters(HttpRequest request) {
    return receiver.receive(request, length -> new CollectedBody<>(receiver.budget(), LARGEST_BODY, ModelHttp::withoutOverrides));
  }

  private static boolean readyOnly(ByteString body) {
    boolean[] ready = new boolean[1];
    object(body, (json, name) -> {
      if (name.equals("ready")) ready[0] = Json.bool(json, "ready");
      else Json.skip(json);
    });
    return ready[0];
  }

  /** Models come from the repository only: settings or files in the request are refused, not ignored. */
  private static boolean withoutOverrides(ByteString body) {
    object(body, (json, name) -> {
      if (!name.equals("parameters")) {
        Json.skip(json);
        return;
      }
      Json.startObject(json, "parameters");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String parameter = json.getCurrentName();
        json.nextToken();
        if (!parameter.equals("unload_dependents")) throw ApiError.of(501, "parameters.%s: not supported", parameter);
        Json.bool(json, "parameters.unload_dependents");
      }
    });
    return true;
  }

  private interface Field {
    void read(JsonParser json, String name) throws IOException;
  }

  private static void object(ByteString body, Field field) {
    if (body.isEmpty()) return;
    try (JsonParser json = Json.FACTORY.createParser(body.iterator().asInputStream())) {
      json.nextToken();
      Json.startObject(json, "request");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.getCurrentName();
        json.nextToken();
        field.read(json, name);
      }
    } catch (IOException e) {
      throw Json.wrong(e);
    }
  }

  private List<ModelStatus> sorted() {
    return control.models().stream().sorted(ORDER).toList();
  }

  /** One line of the repository index, in the words of the extension. */
  static void entry(JsonGenerator json, ModelStatus model) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", model.name());
    json.writeStringField("version", model.version());
    json.writeStringField("state", state(model));
    json.writeStringField("reason", model.reason());
    json.writeEndObject();
  }

  static String state(ModelStatus model) {
    return switch (model.state()) {
      case READY -> "READY";
      case LOADING -> "LOADING";
      case UNLOADED, FAILED -> "UNAVAILABLE";
    };
  }

  /** A port that is no plain tensor has the datatype UNKNOWN: the protocol has no word for it. */
  static void ports(JsonGenerator json, String field, List<Port> ports) throws IOException {
    json.writeArrayFieldStart(field);
    for (Port port : ports) {
      json.writeStartObject();
      json.writeStringField("name", port.name());
      json.writeStringField("datatype", port.type() == null ? "UNKNOWN" : port.type().protocolName());
      json.writeArrayFieldStart("shape");
      for (long dim : port.shape()) json.writeNumber(dim);
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
