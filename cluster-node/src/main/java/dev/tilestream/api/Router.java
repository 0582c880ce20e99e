package dev.tilestream.api;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** From path and method to whoever answers. Every failure, thrown or by future, becomes an answer here. */
final class Router {
  private final ServerHttp server;
  private final ModelHttp models;
  private final InferenceHttp inference;
  private final StreamHttp streams;
  private final PlansHttp plans;
  private final BodyReceiver receiver;
  private final Gate gate;

  Router(Gate gate, ServerHttp server, ModelHttp models, InferenceHttp inference, StreamHttp streams, PlansHttp plans, BodyReceiver receiver) {
    this.gate = gate;
    this.plans = plans;
    this.streams = streams;
    this.receiver = receiver;
    this.server = server;
    this.models = models;
    this.inference = inference;
  }

  CompletionStage<HttpResponse> handle(HttpRequest request) {
    CompletionStage<HttpResponse> response;
    try {
      List<String> path = segments(request);
      gate.admit(request, path);
      response = route(request, path);
    } catch (RuntimeException e) {
      response = receiver.refuse(request, e);
    }
    return response.exceptionally(Responses::failure);
  }

  /** Decoded one by one, so an escaped slash stays inside its segment. */
  private static List<String> segments(HttpRequest request) {
    List<String> segments = new ArrayList<>();
    request.getUri().pathSegments().forEach(segments::add);
    if (!segments.isEmpty() && segments.get(segments.size() - 1).isEmpty()) segments.remove(segments.size() - 1);
    return segments;
  }

  private CompletionStage<HttpResponse> route(HttpRequest request, List<String> path) {
    if (path.size() >= 3 && path.get(0).equals("v2") && path.get(1).equals("models")) return model(request, path);
    if (path.size() >= 2 && path.get(0).equals("v2") && path.get(1).equals("repository")) return repository(request, path);
    return switch (String.join("/", path)) {
      case "" -> get(request, server::page);
      case "v2" -> get(request, server::metadata);
      case "v2/health/live" -> get(request, server::live);
      case "v2/health/ready" -> get(request, server::ready);
      case "api/status" -> get(request, server::status);
      case "api/streams" -> get(request, streams::streams);
      case "api/plans" -> request.method().value().equals("GET") ? plans.plans(request) : wrongMethod(request, "GET");
      default -> throw nothing(path);
    };
  }

  /** v2/models/NAME[/versions/VERSION][/ready|/infer|/stream]. */
  private CompletionStage<HttpResponse> model(HttpRequest request, List<String> path) {
    String name = path.get(2);
    boolean versioned = path.size() >= 5 && path.get(3).equals("versions");
    Optional<String> version = versioned ? Optional.of(path.get(4)) : Optional.empty();
    List<String> rest = path.subList(versioned ? 5 : 3, path.size());
    if (rest.isEmpty()) return request.method().value().equals("GET") ? models.metadata(name, version) : wrongMethod(request, "GET");
    if (rest.equals(List.of("ready"))) return get(request, () -> models.readiness(name, version));
    if (rest.equals(List.of("infer"))) return post(request, () -> inference.infer(request, name, version));
    if (rest.equals(List.of("stream")))
      return request.method().value().equals("GET") ? streams.open(request, name, version) : wrongMethod(request, "GET");
    throw nothing(path);
  }

  /** v2/repository/index, v2/repository/models/NAME[/versions/VERSION]/load|unload. */
  private CompletionStage<HttpResponse> repository(HttpRequest request, List<String> path) {
    if (path.size() == 3 && path.get(2).equals("index")) return post(request, () -> models.index(request));
    boolean versioned = path.size() == 7 && path.get(4).equals("versions");
    if (!path.get(2 < path.size() ? 2 : 0).equals("models") || (path.size() != 5 && !versioned)) throw nothing(path);
    String name = path.get(3);
    Optional<String> version = versioned ? Optional.of(path.get(5)) : Optional.empty();
    return switch (path.get(path.size() - 1)) {
      case "load" -> post(request, () -> models.load(request, name, version));
      case "unload" -> post(request, () -> models.unload(request, name, version));
      default -> throw nothing(path);
    };
  }

  private static ApiError nothing(List<String> path) {
    return ApiError.notFound("/%s: nothing is served there", String.join("/", path));
  }

  private static CompletionStage<HttpResponse> get(HttpRequest request, Supplier<HttpResponse> answer) {
    return request.method().value().equals("GET") ? CompletableFuture.completedFuture(answer.get()) : wrongMethod(request, "GET");
  }

  private static CompletionStage<HttpResponse> post(HttpRequest request, Supplier<CompletionStage<HttpResponse>> answer) {
    return request.method().value().equals("POST") ? answer.get() : wrongMethod(request, "POST");
  }

  private static CompletionStage<HttpResponse> wrongMethod(HttpRequest request, String expected) {
    HttpHeader allow = RawHeader.create("Allow", expected);
    String message = "%s %s (expected: %s)".formatted(request.method().value(), request.getUri().path(), expected);
    return CompletableFuture.completedFuture(Responses.error(405, message, Optional.empty()).addHeader(allow));
  }
}
