package dev.tilestream.graph.onnx;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import onnx.Onnx;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.UnsafeByteOperations;

/** Reads a model so that its raw weights stay in the file: they are views of a mapping, not copies. */
final class ModelFile {
  private ModelFile() {}

  static MappedByteBuffer map(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE)
        throw new ModelRefused(
            "model: %s has %d bytes (expected: below 2 GiB, larger weights as external data)".formatted(file, channel.size()));
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    } catch (IOException e) {
      throw new ModelRefused("model: %s can't be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** @throws ModelRefused when it is no model, or one that must not be shown to ONNX Runtime */
  static Onnx.ModelProto parse(MappedByteBuffer bytes) {
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true);
      Onnx.ModelProto model = Onnx.ModelProto.parseFrom(in);
      if (!model.hasGraph() || model.getGraph().getOutputCount() == 0) throw new ModelRefused("model: no ONNX graph with outputs in it");
      ExternalData.checkLocations(model);
      FunctionCalls.check(model);
      return model;
    } catch (IOException e) {
      throw new ModelRefused("model: not ONNX: " + e.getMessage(), e);
    }
  }
}
