package dev.tilestream.api;

import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads one element of {@code inputs}. Its fields may come in any order: {@code data} that comes before the shape or type is passed over
 * and read again once they are known.
 */
final class InputJsonReader {
  private static final long NONE = -1;

  private final Map<String, Port> ports;
  private final BufferPool pool;
  private final ByteString text;
  private final long mostBinary;
  private final List<InputSlot> slots;
  private String name;
  private String datatype;
  private List<Long> dims;
  private long binarySize = NONE;
  private long lateData = NONE;
  private long lateEnd = NONE;
  private InputSlot slot;
  private boolean filled;

  /**
   * @param text all of the JSON, to read late data from
   * @param mostBinary bytes that are left behind the JSON
   * @param slots of the inputs before; a new one is added as soon as it holds memory, so that whoever owns the list can release it
   */
  InputJsonReader(Map<String, Port> ports, BufferPool pool, ByteString text, long mostBinary, List<InputSlot> slots) {
    this.ports = ports;
    this.pool = pool;
    this.text = text;
    this.mostBinary = mostBinary;
    this.slots = slots;
  }

  /** The parser stands on the start of the object, and afterwards on its end. */
  InputSlot read(JsonParser json) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.getCurrentName();
      json.nextToken();
      switch (field) {
        case "name" -> name = Json.text(json, at() + ".name");
        case "datatype" -> datatype = Json.text(json, at() + ".datatype");
        case "shape" -> dims = shape(json);
        case "parameters" -> parameters(json);
        case "data" -> data(json);
        default -> Json.skip(json);
      }
    }
    finish();
    return slot;
  }

  /** Whether its bytes come behind the JSON. */
  boolean binary() {
    return binarySize != NONE;
  }

  private String at() {
    return name == null ? "inputs[%d]".formatted(slots.size()) : "input \"%s\"".formatted(name);
  }

  private List<Long> shape(JsonParser json) throws IOException {
    Json.startArray(json, at() + ".shape");
    List<Long> read = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      long dim = Json.whole(json, at() + ".shape");
      if (dim < 0) throw ApiError.badRequest("%s: shape has %d (expected: no negative dimension)", at(), dim);
      if (read.size() == 64) throw ApiError.badRequest("%s: shape has more than 64 dimensions", at());
      read.add(dim);
    }
    return read;
  }

  private void parameters(JsonParser json) throws IOException {
    Json.startObject(json, at() + ".parameters");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.getCurrentName();
      json.nextToken();
      if (field.equals("binary_data_size")) binarySize = binarySize(json);
      else if (field.startsWith("shared_memory")) throw ApiError.of(501, "%s: parameters.%s: not supported", at(), field);
      else Json.skip(json);
    }
  }

  private long binarySize(JsonParser json) throws IOException {
    long size = Json.whole(json, at() + ".parameters.binary_data_size");
    if (size < 0) throw ApiError.badRequest("%s: binary_data_size %d (expected: not negative)", at(), size);
    return size;
  }

  private void data(JsonParser json) throws IOException {
    if (name != null && datatype != null && dims != null && binarySize == NONE) {
      open(json.getTokenLocation().getByteOffset());
      fill(json);
      return;
    }
    lateData = json.getTokenLocation().getByteOffset();
    if (lateData < 0) throw ApiError.badRequest("JSON: not UTF-8 (expected: UTF-8)");
    Json.skip(json);
    // A text is passed over only when somebody asks for it.
    json.finishToken();
    lateEnd = json.getCurrentLocation().getByteOffset();
  }

  private void finish() throws IOException {
    boolean hasData = filled || lateData != NONE;
    if (hasData == binary())
      throw ApiError.badRequest("%s: %s (expected: either data or parameters.binary_data_size)", at(), hasData ? "both" : "neither");
    if (filled) return;
    if (lateData == NONE) {
      open(NONE);
      return;
    }
    open(lateData);
    // Without what is behind it: a number that stands alone must not be followed by anything.
    ByteString late = text.slice(Math.toIntExact(lateData), Math.toIntExact(lateEnd));
    try (JsonParser json = Json.FACTORY.createParser(late.iterator().asInputStream())) {
      json.nextToken();
      fill(json);
    }
  }

  private void fill(JsonParser json) throws IOException {
    new ElementReader(name, slot.tensor().type(), slot.tensor().shape(), slot.tensor().data()).read(json);
    filled = true;
  }

  /** Checks everything that is known, then takes memory. @param dataAt where in the text the elements start */
  private void open(long dataAt) {
    if (name == null) throw ApiError.badRequest("%s: no name (expected: one of %s)", at(), ports.keySet());
    Port port = ports.get(name);
    if (port == null) throw ApiError.badRequest("input \"%s\": unknown (expected: one of %s)", name, ports.keySet());
    if (slots.stream().anyMatch(other -> other.name().equals(name)))
      throw ApiError.badRequest("input \"%s\": twice (expected: once)", name);
    if (datatype == null) throw ApiError.badRequest("input \"%s\": no datatype", name);
    if (dims == null) throw ApiError.badRequest("input \"%s\": no shape (expected: %s)", name, port.shape());
    if (datatype.equals(Texts.DATATYPE) && port.type() != null) {
      openFile();
      return;
    }
    DataType type = InputSlot.checkType(port, datatype);
    Shape shape = InputSlot.checkShape(port, type, dims);
    if (binary()) checkBinary(type, shape);
    else checkText(shape, text.size() - dataAt);
    slot = InputSlot.allocate(pool, name, type, shape);
    slots.add(slot);
  }

  /** A picture file in the place of what is made of it. */
  private void openFile() {
    boolean one = dims.equals(List.of(1L)) || dims.equals(List.of(1L, 1L));
    if (!one || !binary())
      throw ApiError.badRequest("input \"%s\": %s %s as %s (expected: one picture file, of shape [1], as binary data; or %s %s)", name, datatype,
          dims, binary() ? "binary data" : "JSON", ports.get(name).datatypes(), ports.get(name).shape());
    if (binarySize > mostBinary) throw left(binarySize);
    if (binarySize < InputSlot.LENGTH || binarySize > Integer.MAX_VALUE)
      throw ApiError.badRequest("input \"%s\": binary_data_size %d (expected: a length of 4 bytes and a file)", name, binarySize);
    slot = InputSlot.file(pool, name, (int) binarySize);
    slots.add(slot);
  }

  private ApiError left(long bytes) {
    return ApiError.badRequest("input \"%s\": %d bytes left behind the JSON (expected: %d more)", name, Math.max(0, mostBinary), bytes);
  }

  private void checkBinary(DataType type, Shape shape) {
    long bytes = shape.bytes(type);
    if (binarySize != bytes)
      throw ApiError.badRequest("input \"%s\": binary_data_size %d (expected: %d, for %s %s)", name, binarySize, bytes, type.protocolName(),
          shape);
    if (bytes > mostBinary) throw left(bytes);
  }

  /** n elements need n characters and n - 1 commas: a shape that the text cannot fill takes no memory. */
  private void checkText(Shape shape, long left) {
    if (shape.elements() > (left + 1) / 2)
      throw ApiError.badRequest("input \"%s\": data: the JSON ends %d characters on (expected: %d elements, for shape %s)", name, left,
          shape.elements(), shape);
  }
}
