package dev.tilestream.kernel;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.tilestream.kernel.TestModels.Value;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** ONNX Runtime on the whole model as its file has it: what every tiling must equal. */
final class Reference implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  Reference(Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      session = environment.createSession(model.toString(), options);
    }
  }

  List<Value> run(List<String> names, List<Value> inputs) throws OrtException {
    Map<String, OnnxTensor> given = new HashMap<>();
    try {
      for (int i = 0; i < names.size(); i++) {
        Value v = inputs.get(i);
        ByteBuffer bytes = v.bytes().duplicate().order(ByteOrder.nativeOrder());
        given.put(names.get(i), OnnxTensor.createTensor(environment, bytes, v.shape().toLongs(), OrtTypes.java(v.type())));
      }
      try (OrtSession.Result result = session.run(given)) {
        List<Value> values = new ArrayList<>();
        for (Map.Entry<String, OnnxValue> e : result) values.add(value((OnnxTensor) e.getValue()));
        return values;
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static Value value(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    Shape shape = Shape.of(info.getShape());
    ByteBuffer bytes = shape.elements() == 0 ? ByteBuffer.allocate(0) : tensor.getByteBuffer();
    return new Value(type(info), shape, bytes.order(ByteOrder.LITTLE_ENDIAN));
  }

  private static DataType type(TensorInfo info) {
    return switch (info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length())) {
      case "FLOAT" -> DataType.FLOAT32;
      case "DOUBLE" -> DataType.FLOAT64;
      default -> DataType.valueOf(info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length()));
    };
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
