package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The outputs asked for, out of what came together at the source. */
final class Answers {
  private Answers() {}

  /**
   * Takes over {@code slices}, whatever happens: those asked for go into the result, the others are released.
   *
   * @param wanted names; empty: all
   * @param inputs by name, for outputs that are inputs; the caller keeps its references
   * @return by name in the model's order, owned by the caller
   * @throws BufferPool.Exhausted when there is no memory for an output that is a constant
   */
  static Map<String, TensorSlice> outputs(
      OperatorGraph graph, Collection<String> wanted, Map<String, TensorSlice> inputs, List<TensorSlice> slices, BufferPool pool) {
    Map<Integer, TensorSlice> made = new HashMap<>();
    slices.forEach(s -> made.put(s.tensor(), s));
    Map<String, TensorSlice> outputs = new LinkedHashMap<>();
    try {
      for (int id : graph.outputs()) {
        Tensor tensor = graph.tensor(id);
        boolean asked = wanted.isEmpty() || wanted.contains(tensor.name());
        if (asked && !outputs.containsKey(tensor.name())) outputs.put(tensor.name(), output(graph, tensor, made, inputs, pool));
      }
      return outputs;
    } catch (RuntimeException e) {
      outputs.values().forEach(TensorSlice::release);
      throw e;
    } finally {
      slices.forEach(TensorSlice::release);
    }
  }

  private static TensorSlice output(
      OperatorGraph graph, Tensor tensor, Map<Integer, TensorSlice> made, Map<String, TensorSlice> inputs, BufferPool pool) {
    if (tensor.constant()) return copy(graph.weights().bytes(tensor.id()), tensor, pool);
    TensorSlice slice = tensor.kind() == Tensor.Kind.INPUT ? inputs.get(tensor.name()) : made.get(tensor.id());
    if (slice == null) throw new IllegalStateException("output %s: nothing came (expected: its rows)".formatted(tensor.name()));
    return slice.retain();
  }

  private static TensorSlice copy(ByteBuffer bytes, Tensor tensor, BufferPool pool) {
    NativeBuffer buffer = pool.acquire(bytes.remaining());
    buffer.bytes().put(bytes.duplicate());
    return TensorSlice.of(tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), tensor.all(), buffer);
  }
}
