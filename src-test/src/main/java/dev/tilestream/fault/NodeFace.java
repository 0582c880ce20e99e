package dev.tilestream.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a node tells of its members and its memory. Empty answers are those of a node that does not answer now. */
public final class NodeFace {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Pattern NATIVE = Pattern.compile("(?m)^tilestream_memory_in_use_bytes(?:\\{[^}]*})? (\\S+)$");

  private final URI status;
  private final URI metrics;
  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  NodeFace(Place place) {
    status = place.http().resolve("/api/status");
    metrics = URI.create("http://%s:%d/metrics".formatted(place.http().getHost(), place.metricsPort()));
  }

  /** States of the members that it knows, itself among them, by name. */
  public Optional<Map<String, String>> members() throws InterruptedException {
    return get(status).map(body -> {
      Map<String, String> members = new LinkedHashMap<>();
      for (JsonNode m : json(body).path("members")) members.put(m.path("name").asText(), m.path("state").asText());
      return members;
    });
  }

  /** Bytes of native memory that its tensors hold, as it last said: every second, in a fleet of faults. */
  public OptionalLong nativeBytes() throws InterruptedException {
    Matcher found = NATIVE.matcher(get(metrics).orElse(""));
    return found.find() ? OptionalLong.of((long) Double.parseDouble(found.group(1))) : OptionalLong.empty();
  }

  private static JsonNode json(String body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new IllegalStateException("an answer that is not JSON: " + body, e);
    }
  }

  private static HttpRequest request(URI what) {
    return HttpRequest.newBuilder(what).timeout(PATIENCE).header("Authorization", "Bearer " + FleetToken.VALUE).build();
  }

  private Optional<String> get(URI what) throws InterruptedException {
    try {
      var response = http.send(request(what), BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException nobodyNow) {
      return Optional.empty();
    }
  }
}
