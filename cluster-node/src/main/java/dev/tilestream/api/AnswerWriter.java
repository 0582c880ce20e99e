package dev.tilestream.api;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.tensor.TensorSlice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An answer as an HTTP response: JSON, and behind it the bytes of the outputs that were wanted as binary. */
final class AnswerWriter {
  private final String model;
  private final Optional<String> id;
  private final RequestOptions options;
  private final List<WantedOutput> wanted;

  /** @param wanted empty: all, in the model's order */
  AnswerWriter(String model, Optional<String> id, RequestOptions options, List<WantedOutput> wanted) {
    this.model = model;
    this.id = id;
    this.options = options;
    this.wanted = wanted;
  }

  /** Copies the outputs once, to the heap, because the connection may take its time; the answer's memory is given back here. */
  HttpResponse write(InferenceAnswer answer) {
    try {
      List<WantedOutput> outputs = outputs(answer);
      ByteString head = Responses.bytes(json -> head(json, answer, outputs));
      if (outputs.stream().noneMatch(WantedOutput::binary))
        return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, head));
      ByteString body = head;
      for (WantedOutput output : outputs) if (output.binary()) body = body.concat(copy(answer.outputs().get(output.name())));
      return HttpResponse.create()
          .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, body))
          .addHeader(RawHeader.create(InferenceHttp.HEADER_LENGTH, Integer.toString(head.size())));
    } finally {
      answer.release();
    }
  }

  private List<WantedOutput> outputs(InferenceAnswer answer) {
    List<WantedOutput> outputs = new ArrayList<>(wanted);
    if (outputs.isEmpty()) answer.outputs().keySet().forEach(name -> outputs.add(new WantedOutput(name, options.binaryOutputs())));
    for (WantedOutput output : outputs)
      if (!answer.outputs().containsKey(output.name()))
        throw new InferenceFailure(InferenceFailure.Kind.BROKEN, "output \"%s\": not in the answer, which has %s"
            .formatted(output.name(), answer.outputs().keySet()));
    return outputs;
  }

  private static ByteString copy(TensorSlice tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
    tensor.data().get(bytes);
    return ByteString.fromArrayUnsafe(bytes);
  }

  private void head(JsonGenerator json, InferenceAnswer answer, List<WantedOutput> outputs) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", model);
    json.writeStringField("model_version", answer.version());
    if (id.isPresent()) json.writeStringField("id", id.get());
    parameters(json, answer);
    json.writeArrayFieldStart("outputs");
    for (WantedOutput output : outputs) output(json, output, answer.outputs().get(output.name()));
    json.writeEndArray();
    json.writeEndObject();
  }

  private void parameters(JsonGenerator json, InferenceAnswer answer) throws IOException {
    json.writeObjectFieldStart("parameters");
    json.writeStringField("strategy", answer.strategy().word());
    json.writeArrayFieldStart("devices");
    for (String device : answer.devices()) json.writeString(device);
    json.writeEndArray();
    json.writeNumberField("latency_ms", answer.latency().toNanos() / 1000 / 1e3);
    InferenceAnswer.Prediction predicted = answer.predicted();
    if (!predicted.latency().isZero()) json.writeNumberField("predicted_ms", predicted.latency().toNanos() / 1000 / 1e3);
    if (!Double.isNaN(predicted.joules())) json.writeNumberField("joules", Math.round(predicted.joules() * 1e6) / 1e6);
    if (answer.measuredJoules().isPresent())
      json.writeNumberField("measured_joules", Math.round(answer.measuredJoules().getAsDouble() * 1e6) / 1e6);
    if (!predicted.plan().isEmpty()) json.writeStringField("plan", predicted.plan());
    json.writeNumberField("bytes", answer.bytesOverAir());
    if (!answer.givenUp().isEmpty()) {
      json.writeArrayFieldStart("given_up");
      for (String device : answer.givenUp()) json.writeString(device);
      json.writeEndArray();
    }
    json.writeBooleanField("exact", answer.exact());
    // JSON has no infinity; an answer that is not a number where it should be deviates by more than any.
    if (answer.deviation().isPresent()) json.writeNumberField("deviation", Math.min(answer.deviation().getAsDouble(), Double.MAX_VALUE));
    if (options.timeline()) timeline(json, answer);
    json.writeEndObject();
  }

  private static void timeline(JsonGenerator json, InferenceAnswer answer) throws IOException {
    json.writeArrayFieldStart("timeline");
    for (InferenceAnswer.TimelineEntry entry : answer.timeline()) {
      json.writeStartObject();
      json.writeStringField("track", entry.track());
      json.writeStringField("what", entry.what());
      json.writeNumberField("start_ms", entry.startMillis());
      json.writeNumberField("end_ms", entry.endMillis());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void output(JsonGenerator json, WantedOutput output, TensorSlice tensor) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", output.name());
    json.writeStringField("datatype", tensor.type().protocolName());
    json.writeFieldName("shape");
    int[] dims = tensor.shape().dims();
    json.writeArray(dims, 0, dims.length);
    if (output.binary()) {
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("binary_data_size", tensor.bytes());
      json.writeEndObject();
    } else {
      json.writeFieldName("data");
      TensorJson.write(json, tensor.type(), tensor.data());
    }
    json.writeEndObject();
  }
}
