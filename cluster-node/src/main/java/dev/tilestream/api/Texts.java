package dev.tilestream.api;

import akka.util.ByteString;
import akka.util.ByteStringBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tensors of texts, the protocol's BYTES: in JSON as texts, in binary each behind its length. */
final class Texts {
  static final String DATATYPE = "BYTES";

  private Texts() {}

  static void write(JsonGenerator json, List<List<String>> rows) throws IOException {
    json.writeStartArray();
    for (List<String> row : rows) for (String text : row) json.writeString(text);
    json.writeEndArray();
  }

  /** Every text as UTF-8 behind its number of bytes, little endian. */
  static ByteString binary(List<List<String>> rows) {
    ByteStringBuilder out = new ByteStringBuilder();
    for (List<String> row : rows) {
      for (String text : row) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length, ByteOrder.LITTLE_ENDIAN);
        out.putBytes(bytes);
      }
    }
    return out.result();
  }

  /** @param rank of the tensor whose rows they are of */
  static int[] shape(List<List<String>> rows, int rank) {
    int columns = rows.isEmpty() ? 0 : rows.get(0).size();
    return rank < 2 ? new int[] {columns} : new int[] {rows.size(), columns};
  }
}
