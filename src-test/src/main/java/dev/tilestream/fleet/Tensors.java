package dev.tilestream.fleet;

import dev.tilestream.client.TensorBytes;
import dev.tilestream.tensor.Shape;
import dev.tilestream.zoo.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Between values as the oracle has them and tensors as they travel over HTTP. */
public final class Tensors {
  private Tensors() {}

  public static List<TensorBytes> request(Map<String, Value> inputs) {
    return inputs.entrySet().stream()
        .map(e -> new TensorBytes(
            e.getKey(), e.getValue().type(), Arrays.stream(e.getValue().shape().toLongs()).boxed().toList(), e.getValue().data()))
        .toList();
  }

  public static Map<String, Value> answer(Map<String, TensorBytes> outputs) {
    return outputs.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> value(e.getValue())));
  }

  private static Value value(TensorBytes tensor) {
    byte[] bytes = new byte[tensor.data().remaining()];
    tensor.data().duplicate().get(bytes);
    return Value.of(tensor.type(), Shape.of(tensor.shape().stream().mapToLong(Long::longValue).toArray()), bytes);
  }

  /** Largest deviation of any output, relative to its largest value; infinite when one is missing. */
  public static double deviation(Map<String, Value> expected, Map<String, TensorBytes> outputs) {
    Map<String, Value> actual = answer(outputs);
    return expected.entrySet().stream()
        .mapToDouble(e -> actual.containsKey(e.getKey()) ? e.getValue().deviation(actual.get(e.getKey())) : Double.POSITIVE_INFINITY)
        .max()
        .orElse(Double.POSITIVE_INFINITY);
  }
}
