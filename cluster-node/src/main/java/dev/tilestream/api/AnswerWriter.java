package dev.tilestream.api;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.RawHeader;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.postprocess.Findings;
import dev.tilestream.postprocess.Ranking;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.tensor.TensorSlice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An answer as an HTTP response: JSON, and behind it the bytes of the outputs that were wanted as binary.
 *
 * @param model its name
 * @param wanted empty: all, in the model's order
 * @param meaning what outputs say, where the model's configuration tells
 */
record AnswerWriter(String model, Optional<String> id, RequestOptions options, List<WantedOutput> wanted, OutputMeaning meaning) {
  /** Copies the outputs once, to the heap, because the connection may take its time; the answer's memory is given back here. */
  HttpResponse write(InferenceAnswer answer) {
    Written written = written(answer, json -> {});
    if (!written.binary)
      return HttpResponse.create().withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, written.head));
    return HttpResponse.create()
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, written.head.concat(written.tensors)))
        .addHeader(RawHeader.create(InferenceHttp.HEADER_LENGTH, Integer.toString(written.head.size())));
  }

  /**
   * What {@link #write} sends.
   *
   * @param tensors bytes of the binary outputs, one behind the other
   * @param binary whether there are such outputs, be they empty
   */
  record Written(ByteString head, ByteString tensors, boolean binary) {}

  /** @param first writes what stands before the fields of the answer; copies and gives back as {@link #write} does */
  Written written(InferenceAnswer answer, Responses.Writer first) {
    try {
      List<WantedOutput> outputs = outputs(answer);
      Findings findings = meaning.read(answer.outputs());
      Map<String, ByteString> binary = binary(answer, outputs);
      ByteString head = Responses.bytes(json -> {
        json.writeStartObject();
        first.write(json);
        fields(json, answer, findings, outputs, binary);
        json.writeEndObject();
      });
      ByteString tensors = ByteString.emptyByteString();
      for (ByteString bytes : binary.values()) tensors = tensors.concat(bytes);
      return new Written(head, tensors, outputs.stream().anyMatch(WantedOutput::binary));
    } finally {
      answer.release();
    }
  }

  /** Bytes of the binary ones, in order. */
  private Map<String, ByteString> binary(InferenceAnswer answer, List<WantedOutput> outputs) {
    Map<String, ByteString> binary = new LinkedHashMap<>();
    for (WantedOutput output : outputs) {
      TensorSlice tensor = answer.outputs().get(output.name());
      if (output.binary()) binary.put(output.name(), output.classes() == 0 ? copy(tensor) : Texts.binary(classes(output, tensor)));
    }
    return binary;
  }

  private List<WantedOutput> outputs(InferenceAnswer answer) {
    if (!options.rawOutputs().orElse(true)) return List.of();
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

  private void fields(
      JsonGenerator json, InferenceAnswer answer, Findings findings, List<WantedOutput> outputs, Map<String, ByteString> binary) throws IOException {
    json.writeStringField("model_name", model);
    json.writeStringField("model_version", answer.version());
    if (id.isPresent()) json.writeStringField("id", id.get());
    parameters(json, answer, findings);
    json.writeArrayFieldStart("outputs");
    for (WantedOutput output : outputs)
      output(json, output, answer.outputs().get(output.name()), Optional.ofNullable(binary.get(output.name())));
    json.writeEndArray();
  }

  private void parameters(JsonGenerator json, InferenceAnswer answer, Findings findings) throws IOException {
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
    FindingsJson.write(json, findings);
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

  private void output(JsonGenerator json, WantedOutput output, TensorSlice tensor, Optional<ByteString> binary) throws IOException {
    List<List<String>> classes = output.classes() == 0 ? List.of() : classes(output, tensor);
    json.writeStartObject();
    json.writeStringField("name", output.name());
    json.writeStringField("datatype", output.classes() == 0 ? tensor.type().protocolName() : Texts.DATATYPE);
    json.writeFieldName("shape");
    int[] dims = output.classes() == 0 ? tensor.shape().dims() : Texts.shape(classes, tensor.shape().rank());
    json.writeArray(dims, 0, dims.length);
    if (binary.isPresent()) {
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("binary_data_size", binary.get().size());
      json.writeEndObject();
    } else {
      json.writeFieldName("data");
      if (output.classes() == 0) TensorJson.write(json, tensor.type(), tensor.data());
      else Texts.write(json, classes);
    }
    json.writeEndObject();
  }

  /** In the words of the classification extension: score, class and, where there is one, its label. */
  private List<List<String>> classes(WantedOutput output, TensorSlice tensor) {
    return Ranking.rows(tensor, output.classes(), meaning.labels()).stream()
        .map(row -> row.stream().map(AnswerWriter::text).toList()).toList();
  }

  private static String text(Findings.Ranked ranked) {
    String text = (float) ranked.score() + ":" + ranked.index();
    return ranked.label().isEmpty() ? text : text + ":" + ranked.label();
  }
}
