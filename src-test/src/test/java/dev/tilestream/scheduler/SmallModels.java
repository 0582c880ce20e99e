package dev.tilestream.scheduler;

import dev.tilestream.tensor.DataType;
import dev.tilestream.zoo.OnnxModelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.ModelProto;

/** Models that take a millisecond, as ONNX files. */
final class SmallModels {
  private SmallModels() {}

  /** Convolutions, and an average over everything: local stages and a global one. */
  static byte[] small() {
    OnnxModelBuilder model = new OnnxModelBuilder("small", 7).input("x", DataType.FLOAT32, 1, 3, 32, 16);
    String first = model.node("Conv", List.of("x", model.heWeights(8, 3, 3, 3)), pads(1));
    String second = model.node("Conv", List.of(model.node("Relu", List.of(first)), model.heWeights(8, 8, 5, 5)), pads(2));
    String pooled = model.node("GlobalAveragePool", List.of(second));
    return model.output(second, DataType.FLOAT32, 1, 8, 32, 16).output(pooled, DataType.FLOAT32, 1, 8, 1, 1).toBytes();
  }

  /** A convolution whose height the request decides. */
  static byte[] open() {
    OnnxModelBuilder model = new OnnxModelBuilder("open", 7).input("x", DataType.FLOAT32, 1, 3, 7777, 16);
    String out = model.node("Conv", List.of("x", model.heWeights(4, 3, 3, 3)), pads(1));
    byte[] fixed = model.output(out, DataType.FLOAT32, 1, 4, 7777, 16).toBytes();
    try {
      ModelProto.Builder proto = ModelProto.parseFrom(fixed).toBuilder();
      for (var port : List.of(proto.getGraphBuilder().getInputBuilder(0), proto.getGraphBuilder().getOutputBuilder(0)))
        port.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().getDimBuilder(2).setDimParam("rows");
      return proto.build().toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AttributeProto pads(int each) {
    return AttributeProto.newBuilder().setName("pads").setType(AttributeProto.AttributeType.INTS)
        .addInts(each).addInts(each).addInts(each).addInts(each).build();
  }
}
