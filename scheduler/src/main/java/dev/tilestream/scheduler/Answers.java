package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns what came together at the source into the answer asked for. */
final class Answers {
  private Answers() {}

  /** Takes over {@code slices}: those asked for go into the answer, the others are released. */
  static InferenceAnswer of(Flight flight, List<TensorSlice> slices, SourceRuntime source) {
    OperatorGraph graph = flight.instance.prepared.graph();
    Map<Integer, TensorSlice> made = new HashMap<>();
    slices.forEach(s -> made.put(s.tensor(), s));
    Map<String, TensorSlice> outputs = new LinkedHashMap<>();
    for (int id : graph.outputs()) {
      Tensor tensor = graph.tensor(id);
      boolean wanted = flight.request.outputs().isEmpty() || flight.request.outputs().contains(tensor.name());
      if (wanted && !outputs.containsKey(tensor.name())) outputs.put(tensor.name(), output(flight, graph, tensor, made, source));
    }
    slices.forEach(TensorSlice::release);
    Slot slot = flight.slot;
    return new InferenceAnswer(
        flight.model.version(), outputs, slot.strategy, slot.devices(), Duration.ofNanos(System.nanoTime() - flight.startNanos),
        slot.airBytes, slot.plan.exact(), List.of());
  }

  private static TensorSlice output(Flight flight, OperatorGraph graph, Tensor tensor, Map<Integer, TensorSlice> made, SourceRuntime source) {
    return switch (tensor.kind()) {
      case VALUE -> made.get(tensor.id()).retain();
      case INPUT -> flight.request.inputs().get(tensor.name()).retain();
      case CONSTANT -> copy(graph.weights().bytes(tensor.id()), tensor, source);
    };
  }

  private static TensorSlice copy(ByteBuffer bytes, Tensor tensor, SourceRuntime source) {
    NativeBuffer buffer = source.pool().acquire(bytes.remaining());
    buffer.bytes().put(bytes);
    return TensorSlice.of(tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), tensor.all(), buffer);
  }
}
