package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementReaderTest {
  @ParameterizedTest
  @EnumSource(DataType.class)
  void whatIsWrittenIsReadBackBitByBit(DataType type) throws IOException {
    Random random = new Random(type.code());
    byte[] bytes = new byte[999 * type.bytes()];
    random.nextBytes(bytes);
    if (type == DataType.BOOL) for (int i = 0; i < bytes.length; i++) bytes[i] &= 1;
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    String text = write(type, data);
    // NaNs come back as the one NaN that their type's JSON name stands for, so it is the second trip that must change nothing.
    ByteBuffer once = read(type, Shape.of(9, 111), text);
    assertThat(write(type, once)).isEqualTo(text);
    assertThat(read(type, Shape.of(999), text)).isEqualTo(once);
    if (type != DataType.FLOAT16 && type != DataType.BFLOAT16 && type != DataType.FLOAT32
        && type != DataType.FLOAT64) assertThat(once).isEqualTo(data);
  }

  @ParameterizedTest
  @CsvSource({
      "UINT16, 0, 65535, -1", "UINT16, 0, 65535, 65536", "UINT32, 0, 4294967295, 4294967296", "UINT32, 0, 4294967295, -1",
      "UINT64, 0, 18446744073709551615, 18446744073709551616", "UINT64, 0, 18446744073709551615, -1",
      "INT64, -9223372036854775808, 9223372036854775807, 9223372036854775808", "INT64, -1, 1, -9223372036854775809",
      "INT64, -1, 1, 100000000000000000000000", "INT16, -32768, 32767, 32768", "INT8, -128, 127, -129", "UINT8, 0, 255, 256",
          "BOOL, 0, 1, 2"})
  void takesTheWholeRangeAndNothingBeyond(DataType type, String least, String most, String beyond) throws IOException {
    String both = "[" + least + "," + most + "]";
    String expected = type == DataType.BOOL ? "[false,true]" : both;
    assertThat(write(type, read(type, Shape.of(2), both))).isEqualTo(expected);
    assertThatThrownBy(() -> read(type, Shape.of(1), "[" + beyond + "]"))
        .isInstanceOf(ApiError.class)
        .hasMessage("input \"x\": element 0: %s (expected: within the range of %s, for %s)"
            .formatted(beyond, type.protocolName(), type.protocolName()));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT16, 65519.9, 65504.0, 65520", "FLOAT32, 3.4028235e38, 3.4028235E38, 3.5e38",
      "FLOAT64, 1.7976931348623157e308, 1.7976931348623157E308, 1e309"})
  void roundsUpToTheLargestNumberAndRefusesWhatIsBeyond(DataType type, String largest, String written, String beyond) throws IOException {
    assertThat(write(type, read(type, Shape.of(1), "[" + largest + "]"))).isEqualTo("[" + written + "]");
    assertThatThrownBy(() -> read(type, Shape.of(1), "[-" + beyond + "]")).hasMessageContaining("expected: within the range of");
  }

  @Test
  void nestedAndFlatAreTheSameForAnyShape() throws IOException {
    Random random = new Random(2);
    for (int round = 0; round < 200; round++) {
      int[] dims = random.ints(random.nextInt(5), 1, 5).toArray();
      Shape shape = Shape.of(dims);
      ByteBuffer data = ByteBuffer.allocate((int) shape.bytes(DataType.INT32)).order(ByteOrder.nativeOrder());
      for (int i = 0; i < shape.elements(); i++) data.putInt(i * 4, random.nextInt());
      String nested = nest(data, dims, 0, new int[1]);
      assertThat(read(DataType.INT32, shape, nested)).as("%s %s", shape, nested).isEqualTo(data);
      assertThat(read(DataType.INT32, shape, write(DataType.INT32, data))).isEqualTo(data);
    }
  }

  @Test
  void aScalarIsNoArrayOfArrays() {
    for (String data : new String[] {"[[1]]", "[[]]", "[[[1]]]"})
      assertThatThrownBy(() -> read(DataType.INT32, Shape.of(), data)).isInstanceOf(ApiError.class)
          .hasMessage("input \"x\": data: nested deeper or otherwise than shape []");
  }

  private static String nest(ByteBuffer data, int[] dims, int depth, int[] next) {
    if (depth == dims.length) return Integer.toString(data.getInt(4 * next[0]++));
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < dims[depth]; i++) text.append(i == 0 ? "" : ",").append(nest(data, dims, depth + 1, next));
    return text.append("]").toString();
  }

  private static String write(DataType type, ByteBuffer data) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(text)) {
      TensorJson.write(json, type, data);
    }
    return text.toString();
  }

  private static ByteBuffer read(DataType type, Shape shape, String text) throws IOException {
    ByteBuffer target = ByteBuffer.allocate((int) shape.bytes(type)).order(ByteOrder.nativeOrder());
    try (JsonParser json = Json.FACTORY.createParser(text)) {
      json.nextToken();
      new ElementReader("x", type, shape, target).read(json);
      assertThat(json.nextToken()).isNull();
    }
    return target;
  }
}
