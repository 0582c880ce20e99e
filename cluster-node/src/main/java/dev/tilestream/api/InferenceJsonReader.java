package dev.tilestream.api;

import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.BufferPool;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the JSON of an inference request against one model. Elements go from the text straight into native memory; no tree is made. One
 * reader reads one request.
 */
final class InferenceJsonReader {
  /** The number of bytes behind the JSON is not known beforehand. */
  static final long UNKNOWN = -1;
  private static final int MOST_CLASSES = 10_000;

  private final ModelStatus model;
  private final BufferPool pool;
  private final Duration longestDeadline;
  private final List<InputSlot> slots = new ArrayList<>();
  private final List<InputSlot> binary = new ArrayList<>();
  private final Map<String, OutputForm> outputs = new java.util.LinkedHashMap<>();
  private RequestOptions options = RequestOptions.NONE;
  private Optional<String> id = Optional.empty();
  private boolean hasInputs;
  private long binaryBytes;

  /** How an output is wanted: binary or not, where that is said; as so many classes, or as it is. */
  private record OutputForm(Optional<Boolean> binary, int classes) {
    static final OutputForm ANY = new OutputForm(Optional.empty(), 0);
  }

  InferenceJsonReader(ModelStatus model, BufferPool pool, Duration longestDeadline) {
    this.model = model;
    this.pool = pool;
    this.longestDeadline = longestDeadline;
  }

  /**
   * @param behind bytes that follow the JSON, or {@link #UNKNOWN}
   * @param most bytes that may follow when it is unknown
   * @return owned by the caller
   * @throws ApiError when anything is wrong; nothing is kept then
   */
  InferenceHead read(ByteString text, long behind, long most) {
    try (JsonParser json = Json.FACTORY.createParser(text.iterator().asInputStream())) {
      json.nextToken();
      Json.startObject(json, "request");
      while (json.nextToken() == JsonToken.FIELD_NAME) field(json, text, behind == UNKNOWN ? most : behind);
      if (json.nextToken() != null) throw ApiError.badRequest("JSON: %s behind the request (expected: nothing)", Json.said(json));
      checkComplete(behind);
      return new InferenceHead(id, options, wanted(), List.copyOf(slots), List.copyOf(binary));
    } catch (IOException e) {
      slots.forEach(InputSlot::release);
      throw Json.wrong(e);
    } catch (RuntimeException e) {
      slots.forEach(InputSlot::release);
      throw e;
    }
  }

  private void field(JsonParser json, ByteString text, long mostBehind) throws IOException {
    String name = json.getCurrentName();
    json.nextToken();
    switch (name) {
      case "id" -> id = Optional.of(Json.text(json, "id"));
      case "parameters" -> parameters(json);
      case "inputs" -> inputs(json, text, mostBehind);
      case "outputs" -> outputs(json);
      default -> Json.skip(json);
    }
  }

  private void parameters(JsonParser json) throws IOException {
    Json.startObject(json, "parameters");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.getCurrentName();
      json.nextToken();
      String field = "parameters." + name;
      switch (name) {
        case "strategy" -> options = options.withStrategy(Json.text(json, field));
        case "deadline_ms" -> options = options.withDeadline(Json.number(json, field), longestDeadline);
        case "halo" -> options = options.withHalo(Json.whole(json, field));
        case "precision" -> options = options.withPrecision(Json.text(json, field));
        case "objective" -> options = options.withObjective(Json.text(json, field));
        case "timeline" -> options = options.withTimeline(Json.bool(json, field));
        case "binary_data_output" -> options = options.withBinaryOutputs(Json.bool(json, field));
        case "sequence_id" -> options = options.withStream(stream(json, field));
        default -> Json.skip(json);
      }
    }
  }

  /** The protocol allows a text or a number; 0 and the empty text mean none. */
  private static String stream(JsonParser json, String field) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) return json.getText();
    long number = Json.whole(json, field);
    return number == 0 ? "" : Long.toString(number);
  }

  private void inputs(JsonParser json, ByteString text, long mostBehind) throws IOException {
    Json.startArray(json, "inputs");
    hasInputs = true;
    Map<String, Port> ports = new HashMap<>();
    model.inputs().forEach(port -> ports.put(port.name(), port));
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Json.startObject(json, "inputs[%d]".formatted(slots.size()));
      InputJsonReader input = new InputJsonReader(ports, pool, text, mostBehind - binaryBytes, slots);
      InputSlot slot = input.read(json);
      if (!input.binary()) continue;
      binary.add(slot);
      binaryBytes += slot.tensor().bytes();
    }
  }

  private void outputs(JsonParser json) throws IOException {
    Json.startArray(json, "outputs");
    Set<String> known = new HashSet<>();
    model.outputs().forEach(port -> known.add(port.name()));
    while (json.nextToken() != JsonToken.END_ARRAY) {
      String at = "outputs[%d]".formatted(outputs.size());
      Json.startObject(json, at);
      String name = null;
      OutputForm form = OutputForm.ANY;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.getCurrentName();
        json.nextToken();
        if (field.equals("name")) name = Json.text(json, at + ".name");
        else if (field.equals("parameters")) form = outputParameters(json, at);
        else Json.skip(json);
      }
      if (name == null) throw ApiError.badRequest("%s: no name (expected: one of %s)", at, known);
      if (!known.contains(name)) throw ApiError.badRequest("output \"%s\": unknown (expected: one of %s)", name, known);
      if (outputs.put(name, form) != null) throw ApiError.badRequest("output \"%s\": twice (expected: once)", name);
    }
  }

  private static OutputForm outputParameters(JsonParser json, String at) throws IOException {
    Json.startObject(json, at + ".parameters");
    Optional<Boolean> asBinary = Optional.empty();
    int classes = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.getCurrentName();
      json.nextToken();
      if (name.equals("binary_data")) asBinary = Optional.of(Json.bool(json, at + ".parameters.binary_data"));
      else if (name.equals("classification")) classes = classes(json, at);
      else if (name.startsWith("shared_memory")) throw ApiError.of(501, "%s.parameters.%s: not supported", at, name);
      else Json.skip(json);
    }
    return new OutputForm(asBinary, classes);
  }

  private static int classes(JsonParser json, String at) throws IOException {
    long classes = Json.whole(json, at + ".parameters.classification");
    if (classes < 0 || classes > MOST_CLASSES)
      throw ApiError.badRequest("%s.parameters.classification: %d (expected: 0 to %d)", at, classes, MOST_CLASSES);
    return (int) classes;
  }

  private void checkComplete(long behind) {
    if (!hasInputs) throw ApiError.badRequest("inputs: missing (expected: an array of the model's inputs)");
    for (Port port : model.inputs())
      if (slots.stream().noneMatch(slot -> slot.name().equals(port.name())))
        throw ApiError.badRequest("input \"%s\": missing (expected: %s %s)", port.name(), typeName(port), port.shape());
    if (behind != UNKNOWN && behind != binaryBytes)
      throw ApiError.badRequest("binary: %d bytes behind the JSON (expected: %d, the sum of binary_data_size)", behind, binaryBytes);
  }

  private static String typeName(Port port) {
    return port.type() == null ? "no plain tensor," : port.type().protocolName();
  }

  private List<WantedOutput> wanted() {
    List<WantedOutput> wanted = new ArrayList<>();
    outputs.forEach(
        (name, form) -> wanted.add(new WantedOutput(name, form.binary.orElse(options.binaryOutputs()), form.classes)));
    return wanted;
  }
}
