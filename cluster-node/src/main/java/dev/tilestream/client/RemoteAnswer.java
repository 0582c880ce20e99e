package dev.tilestream.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a node answered to an inference.
 *
 * @param header the JSON part, binary outputs without their data
 * @param outputs by name, in the node's order
 */
public record RemoteAnswer(JsonNode header, Map<String, TensorBytes> outputs) {
  public RemoteAnswer {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /** Names of the devices that computed a part. */
  public List<String> devices() {
    JsonNode devices = header.path("parameters").path("devices");
    List<String> names = new ArrayList<>();
    if (devices.isArray()) devices.forEach(d -> names.add(d.asText()));
    else if (!devices.asText().isBlank()) names.addAll(Arrays.asList(devices.asText().trim().split("\\s*,\\s*")));
    return List.copyOf(names);
  }

  /** Hash of the plan that computed it. */
  public String plan() {
    return header.path("parameters").path("plan").asText();
  }

  /** From the request's being taken up at the node to the last row of the answer. */
  public double latencyMillis() {
    return header.path("parameters").path("latency_ms").asDouble();
  }

  /** What the plan was expected to take; 0 when unknown. */
  public double predictedMillis() {
    return header.path("parameters").path("predicted_ms").asDouble();
  }

  /** Tensor bytes that crossed a link. */
  public long bytes() {
    return header.path("parameters").path("bytes").asLong();
  }

  /** How long {@code device} computed for it; 0 without a timeline. */
  public double busyMillis(String device) {
    double busy = 0;
    for (JsonNode entry : header.path("parameters").path("timeline"))
      if (entry.path("track").asText().equals(device)) busy += entry.path("end_ms").asDouble() - entry.path("start_ms").asDouble();
    return busy;
  }

  /** Whether it computes what one machine computes. */
  public boolean exact() {
    return header.path("parameters").path("exact").asBoolean();
  }
}
