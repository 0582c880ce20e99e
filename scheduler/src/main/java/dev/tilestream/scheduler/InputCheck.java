package dev.tilestream.scheduler;

import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Whether a request's tensors are what the model takes. Says which tensor, what came and what was expected. */
public final class InputCheck {
  private InputCheck() {}

  /** The first thing wrong, or nothing. */
  public static Optional<String> firstFault(LoadedModel model, Map<String, TensorSlice> inputs, List<String> outputs) {
    for (String name : inputs.keySet())
      if (model.inputs().stream().noneMatch(p -> p.name().equals(name)))
        return Optional.of("input %s: unknown (expected: %s)".formatted(name, names(model.inputs())));
    for (String name : outputs)
      if (model.outputs().stream().noneMatch(p -> p.name().equals(name)))
        return Optional.of("output %s: unknown (expected: %s)".formatted(name, names(model.outputs())));
    return model.inputs().stream().flatMap(port -> fault(port, inputs.get(port.name())).stream()).findFirst();
  }

  /** Shapes by input name, in the order of names. */
  public static Map<String, Shape> shapes(Map<String, TensorSlice> inputs) {
    Map<String, Shape> shapes = new TreeMap<>();
    inputs.forEach((name, slice) -> shapes.put(name, slice.shape()));
    return shapes;
  }

  private static Optional<String> fault(ModelStatus.Port port, TensorSlice slice) {
    if (port.type() == null)
      return Optional.of("input %s: its type cannot be served (expected: a tensor of numbers)".formatted(port.name()));
    if (slice == null) return Optional.of("input %s: missing (expected: %s %s)".formatted(port.name(), port.type(), port.shape()));
    if (!port.takes(slice.type()))
      return Optional.of("input %s: datatype %s (expected: %s)".formatted(port.name(), slice.type().protocolName(), port.datatypes()));
    return shapeFault(port, slice.shape());
  }

  private static Optional<String> shapeFault(ModelStatus.Port port, Shape came) {
    if (came == null) return Optional.of("input %s: missing (expected: shape %s)".formatted(port.name(), port.shape()));
    boolean fits = came.rank() == port.shape().size();
    for (int i = 0; fits && i < came.rank(); i++) fits = port.shape().get(i) < 0 || port.shape().get(i) == came.dim(i);
    return fits ? Optional.empty() : Optional.of("input %s: shape %s (expected: %s)".formatted(port.name(), came, port.shape()));
  }

  /** The first thing wrong with shapes alone, which a peer asks for; sizes that no tensor here can have are wrong too. */
  public static Optional<String> shapeFault(LoadedModel model, Map<String, Shape> shapes) {
    for (Map.Entry<String, Shape> e : shapes.entrySet()) {
      if (model.inputs().stream().noneMatch(p -> p.name().equals(e.getKey())))
        return Optional.of("input %s: unknown (expected: %s)".formatted(e.getKey(), names(model.inputs())));
      if (e.getValue().elements() > Integer.MAX_VALUE)
        return Optional.of("input %s: shape %s (expected: below 2^31 elements)".formatted(e.getKey(), e.getValue()));
    }
    return model.inputs().stream().flatMap(port -> shapeFault(port, shapes.get(port.name())).stream()).findFirst();
  }

  private static String names(List<ModelStatus.Port> ports) {
    return ports.stream().map(ModelStatus.Port::name).collect(Collectors.joining(", "));
  }
}
