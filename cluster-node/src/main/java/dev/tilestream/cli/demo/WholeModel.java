package dev.tilestream.cli.demo;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.tilestream.cli.CommandFailed;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The yardstick: the whole model in this process, by ONNX Runtime, without anything of ours. Not for concurrent use. */
public final class WholeModel implements AutoCloseable {
  private final OrtSession session;

  private WholeModel(OrtSession session) {
    this.session = session;
  }

  /** @throws CommandFailed when ONNX Runtime cannot load it */
  public static WholeModel open(Path model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      return new WholeModel(OrtEnvironment.getEnvironment().createSession(model.toString(), options));
    } catch (OrtException e) {
      throw new CommandFailed("%s cannot be loaded: %s".formatted(model, e.getMessage()), e);
    }
  }

  /**
   * What the model takes; dynamic dimensions are -1.
   *
   * @throws CommandFailed when an input is not a tensor of numbers
   */
  public Map<String, Port> inputs() {
    Map<String, Port> ports = new LinkedHashMap<>();
    try {
      for (NodeInfo input : session.getInputInfo().values()) {
        if (!(input.getInfo() instanceof TensorInfo tensor))
          throw new CommandFailed("input %s: %s (expected: a tensor)".formatted(input.getName(), input.getInfo()));
        ports.put(input.getName(), new Port(type(tensor), Arrays.stream(tensor.getShape()).boxed().toList()));
      }
      return ports;
    } catch (OrtException e) {
      throw new CommandFailed("the model's inputs cannot be read: " + e.getMessage(), e);
    }
  }

  /** An input's element type and dimensions. */
  public record Port(DataType type, List<Long> shape) {}

  /** Runs it once; outputs by name, in the model's order, copied. */
  public Map<String, TensorBytes> run(TensorBytes input) {
    try (OnnxTensor fed = tensor(input);
        OrtSession.Result result = session.run(Map.of(input.name(), fed))) {
      Map<String, TensorBytes> outputs = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> output : result) outputs.put(output.getKey(), copy(output.getKey(), output.getValue()));
      return outputs;
    } catch (OrtException e) {
      throw new CommandFailed("ONNX Runtime: " + e.getMessage(), e);
    }
  }

  private OnnxTensor tensor(TensorBytes input) throws OrtException {
    ByteBuffer data = ByteBuffer.allocateDirect(input.data().remaining()).order(ByteOrder.nativeOrder());
    data.put(input.data().duplicate()).flip();
    long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
    TensorInfo expected = (TensorInfo) session.getInputInfo().get(input.name()).getInfo();
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), data, shape, expected.type);
  }

  private static TensorBytes copy(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) throw new CommandFailed("output %s: %s (expected: a tensor)".formatted(name, value));
    DataType type = type(tensor.getInfo());
    ByteBuffer bytes = tensor.getByteBuffer();
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    return new TensorBytes(name, type, Arrays.stream(tensor.getInfo().getShape()).boxed().toList(), copy);
  }

  private static DataType type(TensorInfo tensor) {
    String name = tensor.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
    return switch (name) {
      case "FLOAT" -> DataType.FLOAT32;
      case "DOUBLE" -> DataType.FLOAT64;
      case "UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64", "BOOL", "FLOAT16", "BFLOAT16" ->
          DataType.valueOf(name);
      default -> throw new CommandFailed("element type: %s (expected: numbers of 8 to 64 bits)".formatted(name));
    };
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new CommandFailed("ONNX Runtime: " + e.getMessage(), e);
    }
  }
}
