package dev.tilestream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BinaryTensorsTest {
  private static final String HEADER =
      "{\"outputs\":[{\"name\":\"a\",\"datatype\":\"UINT8\",\"shape\":[3],\"parameters\":{\"binary_data_size\":3}},"
          + "{\"name\":\"b\",\"datatype\":\"FP32\",\"shape\":[1,1],\"parameters\":{\"binary_data_size\":4}}]}";

  private static byte[] body(String header, int... bytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer body = ByteBuffer.allocate(text.length + bytes.length).put(text);
    for (int b : bytes) body.put((byte) b);
    return body.array();
  }

  @Test
  void outputsAreReadInTheOrderOfTheHeader() throws Exception {
    RemoteAnswer answer = BinaryTensors.answer(body(HEADER, 1, 2, 255, 0, 0, 0x80, 0x3f), Optional.of(Integer.toString(HEADER.length())));
    assertThat(answer.outputs().keySet()).containsExactly("a", "b");
    assertThat(answer.outputs().get("a").value(2)).isEqualTo(255);
    assertThat(answer.outputs().get("b").value(0)).isEqualTo(1);
  }

  @Test
  void truncatedOrTrailingBytesAreAnError() {
    Optional<String> length = Optional.of(Integer.toString(HEADER.length()));
    assertThatThrownBy(() -> BinaryTensors.answer(body(HEADER, 1, 2, 3, 0), length))
        .isInstanceOf(IOException.class).hasMessageContaining("b");
    assertThatThrownBy(() -> BinaryTensors.answer(body(HEADER, 1, 2, 3, 0, 0, 0, 0, 9), length)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> BinaryTensors.answer(body(HEADER), Optional.of("100000"))).isInstanceOf(IOException.class);
  }

  @Test
  void aRequestSaysHowLongItsHeaderIsAndWhatFollows() throws Exception {
    TensorBytes input = new TensorBytes("x", DataType.INT16, List.of(2L), ByteBuffer.wrap(new byte[] {1, 0, 2, 0}));
    BinaryTensors.Request request = BinaryTensors.request(List.of(input), Wanted.by(Optional.of("even")));
    JsonNode header = new ObjectMapper().readTree(request.parts().get(0));
    assertThat(request.headerLength()).isEqualTo(request.parts().get(0).length);
    assertThat(header.at("/inputs/0/parameters/binary_data_size").asInt()).isEqualTo(4);
    assertThat(header.at("/parameters/strategy").asText()).isEqualTo("even");
    assertThat(request.parts().get(1)).containsExactly(1, 0, 2, 0);
  }

  @Test
  void aTensorWhoseBytesDoNotFitItsShapeIsRefused() {
    assertThatThrownBy(() -> new TensorBytes("x", DataType.FLOAT32, List.of(2L, 2L), ByteBuffer.allocate(15)))
        .hasMessageContaining("15 bytes (expected: 16");
  }
}
