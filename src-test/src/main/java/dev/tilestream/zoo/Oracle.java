package dev.tilestream.zoo;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the answer must be: ONNX Runtime on the whole model. Thread-safe. Outputs that are no plain tensors (sequences, strings) are
 * left out.
 */
public final class Oracle implements AutoCloseable {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private final OrtSession session;

  private Oracle(OrtSession session) {
    this.session = session;
  }

  /** All optimisations, {@code threads} threads. */
  public static Oracle of(Path model, int threads) {
    try (OrtSession.SessionOptions options = options(threads)) {
      return new Oracle(ENVIRONMENT.createSession(model.toString(), options));
    } catch (OrtException e) {
      throw new IllegalArgumentException("model %s: %s".formatted(model, e.getMessage()), e);
    }
  }

  /** All optimisations, one thread. */
  public static Oracle of(byte[] model) {
    try (OrtSession.SessionOptions options = options(1)) {
      return new Oracle(ENVIRONMENT.createSession(model, options));
    } catch (OrtException e) {
      throw new IllegalArgumentException("model: " + e.getMessage(), e);
    }
  }

  private static OrtSession.SessionOptions options(int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    return options;
  }

  /** Names of the inputs, in the model's order. */
  public List<String> inputs() {
    return List.copyOf(session.getInputNames());
  }

  /** Names of the outputs, in the model's order. */
  public List<String> outputs() {
    return List.copyOf(session.getOutputNames());
  }

  /** Seeded values for every input; dynamic dimensions become 1. */
  public Map<String, Value> randomInputs(long seed) {
    Map<String, Value> values = new LinkedHashMap<>();
    try {
      for (NodeInfo input : session.getInputInfo().values()) {
        TensorInfo info = (TensorInfo) input.getInfo();
        long[] dims = info.getShape().clone();
        for (int i = 0; i < dims.length; i++) if (dims[i] < 0) dims[i] = 1;
        values.put(input.getName(), Value.random(type(info), Shape.of(dims), seed + values.size()));
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    return values;
  }

  /** Runs the whole model. */
  public Map<String, Value> run(Map<String, Value> inputs) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (Map.Entry<String, Value> e : inputs.entrySet()) tensors.put(e.getKey(), tensor(e.getValue()));
      Map<String, Value> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(tensors)) {
        for (Map.Entry<String, OnnxValue> e : result)
          if (e.getValue() instanceof OnnxTensor t && t.getInfo().type != OnnxJavaType.STRING) outputs.put(e.getKey(), copy(t));
      }
      return outputs;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /** Over the memory of {@code value}, which must outlive it. */
  public static OnnxTensor tensor(Value value) throws OrtException {
    return OnnxTensor.createTensor(ENVIRONMENT, value.data(), value.shape().toLongs(), javaType(value.type()));
  }

  private static Value copy(OnnxTensor tensor) {
    Value value = Value.empty(type(tensor.getInfo()), Shape.of(tensor.getInfo().getShape()));
    if (value.shape().elements() > 0) value.data().put(tensor.getByteBuffer());
    return value;
  }

  private static DataType type(TensorInfo info) {
    return switch (info.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FLOAT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FLOAT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DataType.BFLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
      default -> throw new IllegalArgumentException("tensor type: %s (expected: a fixed-size element type)".formatted(info.onnxType));
    };
  }

  private static OnnxJavaType javaType(DataType type) {
    return switch (type) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case BOOL -> OnnxJavaType.BOOL;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT8 -> OnnxJavaType.INT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case UINT16, UINT32, UINT64 ->
          throw new IllegalArgumentException("input type: " + type + " (expected: one that ONNX Runtime's Java interface passes in)");
    };
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
