package dev.tilestream.graph.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import onnx.Onnx;

/**
 * Types and shapes of everything between inputs and outputs. ONNX Runtime infers them but writes only those that a model asks for, so it
 * is asked once more with every value an output; large weights become inputs of their shape, so that none is loaded.
 */
final class ShapeDiscovery {
  private ShapeDiscovery() {}

  /** @return {@code model} with a value info for every value that a node makes */
  static Onnx.ModelProto annotate(Onnx.ModelProto model, Path weights, Path scratch) throws IOException, OrtException {
    Onnx.ModelProto told;
    try {
      told = ask(allOutputs(model, true), weights, scratch);
    } catch (OrtException e) {
      // Some kernels insist on weights that are constant.
      told = ask(allOutputs(model, false), weights, scratch);
    }
    Onnx.GraphProto.Builder graph = model.getGraph().toBuilder().clearValueInfo();
    Set<String> outputs = new HashSet<>();
    for (Onnx.ValueInfoProto v : graph.getOutputList()) outputs.add(v.getName());
    graph.clearOutput();
    for (Onnx.ValueInfoProto v : told.getGraph().getOutputList()) if (!outputs.contains(v.getName())) graph.addValueInfo(v);
    for (Onnx.ValueInfoProto v : model.getGraph().getOutputList())
      graph.addOutput(told.getGraph().getOutputList().stream().filter(o -> o.getName().equals(v.getName())).findFirst().orElse(v));
    return model.toBuilder().setGraph(graph).build();
  }

  private static Onnx.ModelProto ask(Onnx.ModelProto model, Path weights, Path scratch) throws IOException, OrtException {
    Files.createDirectories(scratch);
    byte[] bytes = model.toByteArray();
    RuntimeSessions.rewrite(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), weights, OptLevel.NO_OPT, scratch);
    return Onnx.ModelProto.parseFrom(Files.readAllBytes(scratch.resolve(RuntimeSessions.GRAPH)));
  }

  private static Onnx.ModelProto allOutputs(Onnx.ModelProto model, boolean weightsAsInputs) {
    Onnx.GraphProto.Builder graph = model.getGraph().toBuilder();
    Set<String> outputs = new HashSet<>();
    for (Onnx.ValueInfoProto v : graph.getOutputList()) outputs.add(v.getName());
    for (Onnx.NodeProto n : graph.getNodeList())
      for (String name : n.getOutputList())
        if (!name.isEmpty() && outputs.add(name)) graph.addOutput(Onnx.ValueInfoProto.newBuilder().setName(name));
    if (!weightsAsInputs) return model.toBuilder().setGraph(graph).build();
    graph.clearInitializer();
    for (Onnx.TensorProto t : model.getGraph().getInitializerList()) {
      if (t.getExternalDataCount() == 0 || !DataType.knows(t.getDataType()) || outputs.contains(t.getName())) {
        graph.addInitializer(t);
      } else {
        graph.addInput(FixedModel.input(t.getName(), t.getDataType(),
            ModelShapes.of(t.getName(), t.getDimsList())));
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }
}
