package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.tensor.DataType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.protobuf.ByteString;

class MappedWeightsTest {
  @TempDir Path directory;

  private static TensorProto.Builder constant(DataType type, long... dims) {
    TensorProto.Builder t = TensorProto.newBuilder().setName("c").setDataType(type.code());
    for (long d : dims) t.addDims(d);
    return t;
  }

  private double[] values(TensorProto t) {
    try (MappedWeights weights = MappedWeights.open(directory, Arrays.asList(null, t))) {
      return InlineConstant.values(DataType.of(t.getDataType()), weights.bytes(1));
    }
  }

  @Test
  void smallConstantsOfEveryNotationAreRead() {
    assertThat(values(constant(DataType.FLOAT32, 2).addFloatData(1.5f).addFloatData(-2).build())).containsExactly(1.5, -2);
    assertThat(values(constant(DataType.INT64, 2).addInt64Data(7).addInt64Data(-1).build())).containsExactly(7, -1);
    assertThat(values(constant(DataType.FLOAT64).addDoubleData(0.25).build())).containsExactly(0.25);
    assertThat(values(constant(DataType.UINT8, 2).addInt32Data(200).addInt32Data(3).build())).containsExactly(200, 3);
    assertThat(values(constant(DataType.FLOAT16, 3).addInt32Data(0x3c00).addInt32Data(0xc000).addInt32Data(0x0001).build()))
        .containsExactly(1, -2, Math.scalb(1.0, -24));
    byte[] raw = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40};
    assertThat(values(constant(DataType.FLOAT32, 2).setRawData(ByteString.copyFrom(raw)).build())).containsExactly(1, 2);
    assertThat(values(constant(DataType.FLOAT32, 0).build())).isEmpty();
  }

  @Test
  void aConstantWithTooFewValuesIsRefused() {
    TensorProto t = constant(DataType.FLOAT32, 3).addFloatData(1).build();
    assertThatThrownBy(() -> MappedWeights.open(directory,
        List.of(t))).isInstanceOf(ModelRefused.class).hasMessageContaining("1 values (expected: 3)");
  }
}
