package dev.tilestream.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The binary tensor extension: a JSON header, whose length is said beside it, and the tensors' bytes behind it in the header's order. */
final class BinaryTensors {
  static final String HEADER_LENGTH = "Inference-Header-Content-Length";
  private static final ObjectMapper JSON = new ObjectMapper();

  private BinaryTensors() {}

  /** @param parts the header, then each tensor */
  record Request(int headerLength, List<byte[]> parts) {}

  static Request request(List<TensorBytes> inputs, Wanted wanted) {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode parameters = header.putObject("parameters").put("binary_data_output", true);
    wanted.write(parameters);
    List<byte[]> parts = new ArrayList<>();
    for (TensorBytes input : inputs) {
      ObjectNode tensor = header.withArray("inputs").addObject();
      tensor.put("name", input.name()).put("datatype", input.type().protocolName());
      input.shape().forEach(tensor.putArray("shape")::add);
      tensor.putObject("parameters").put("binary_data_size", input.data().remaining());
      byte[] bytes = new byte[input.data().remaining()];
      input.data().duplicate().get(bytes);
      // An empty part would be an empty chunk, which ends a chunked body.
      if (bytes.length > 0) parts.add(bytes);
    }
    byte[] written = header.toString().getBytes(StandardCharsets.UTF_8);
    parts.add(0, written);
    return new Request(written.length, parts);
  }

  /** @throws IOException when the bytes are not what their header says */
  static RemoteAnswer answer(byte[] body, Optional<String> headerLength) throws IOException {
    int length = headerLength.map(Integer::parseInt).orElse(body.length);
    if (length < 0 || length > body.length) throw new IOException("header of %d bytes in %d".formatted(length, body.length));
    JsonNode header = JSON.readTree(body, 0, length);
    Map<String, TensorBytes> outputs = new LinkedHashMap<>();
    int at = length;
    for (JsonNode output : header.path("outputs")) {
      JsonNode size = output.path("parameters").path("binary_data_size");
      if (!size.isInt()) throw new IOException("output %s is not binary".formatted(output.path("name").asText()));
      if (size.asInt() < 0 || size.asInt() > body.length - at)
        throw new IOException("output %s: %d bytes (expected: at most %d)".formatted(output.path("name"), size.asInt(), body.length - at));
      TensorBytes tensor = tensor(output, ByteBuffer.wrap(body, at, size.asInt()));
      outputs.put(tensor.name(), tensor);
      at += size.asInt();
    }
    if (at != body.length) throw new IOException("%d bytes behind the last output".formatted(body.length - at));
    return new RemoteAnswer(header, outputs);
  }

  private static TensorBytes tensor(JsonNode output, ByteBuffer data) {
    List<Long> shape = new ArrayList<>();
    output.path("shape").forEach(d -> shape.add(d.asLong()));
    return new TensorBytes(output.path("name").asText(), DataType.ofProtocolName(output.path("datatype").asText()), shape, data);
  }
}
