package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DirectMemory;
import dev.tilestream.tensor.Shape;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import onnx.Onnx;

/** What a model takes and gives, as its file says, before any dimension is fixed. */
public record ModelSignature(List<Port> inputs, List<Port> outputs) {
  /**
   * One input or output.
   *
   * @param dims -1 where the model leaves it open; null when not even the number of dimensions is known
   * @param names of open dimensions, null elsewhere: equal names mean equal extents; as long as {@code dims}
   */
  public record Port(String name, DataType type, List<Integer> dims, List<String> names) {
    /** True when the shape is one concrete shape. */
    public boolean fixed() {
      return dims != null && dims.stream().allMatch(d -> d >= 0);
    }

    /** Whether {@code shape} has the extents that the model fixes. */
    public boolean accepts(Shape shape) {
      if (dims == null) return true;
      if (shape.rank() != dims.size()) return false;
      for (int i = 0; i < shape.rank(); i++) if (dims.get(i) >= 0 && dims.get(i) != shape.dim(i)) return false;
      return true;
    }
  }

  public ModelSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** @throws ModelRefused when the file is no ONNX model, or takes something that is no tensor */
  public static ModelSignature of(Path model) {
    MappedByteBuffer bytes = ModelFile.map(model);
    try {
      return of(ModelFile.parse(bytes));
    } finally {
      DirectMemory.free(bytes);
    }
  }

  static ModelSignature of(Onnx.ModelProto model) {
    Onnx.GraphProto graph = model.getGraph();
    Set<String> constants = graph.getInitializerList().stream().map(Onnx.TensorProto::getName)
        .collect(Collectors.toCollection(HashSet::new));
    List<Port> inputs = new ArrayList<>();
    for (Onnx.ValueInfoProto v : graph.getInputList()) {
      if (constants.contains(v.getName())) continue;
      Port port = port(v);
      if (port.type() == null)
        throw new ModelRefused("input %s: %s (expected: a tensor of numbers)".formatted(v.getName(), kind(v.getType())));
      inputs.add(port);
    }
    return new ModelSignature(inputs, graph.getOutputList().stream().map(ModelSignature::port).toList());
  }

  static Port port(Onnx.ValueInfoProto value) {
    Onnx.TypeProto.Tensor tensor = value.getType().getTensorType();
    DataType type = value.getType().hasTensorType() && DataType.knows(tensor.getElemType()) ? DataType.of(tensor.getElemType()) : null;
    if (!tensor.hasShape()) return new Port(value.getName(), type, null, null);
    List<Integer> dims = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Onnx.TensorShapeProto.Dimension d : tensor.getShape().getDimList()) {
      dims.add(d.hasDimValue() && d.getDimValue() >= 0 && d.getDimValue() <= Integer.MAX_VALUE ? (int) d.getDimValue() : -1);
      names.add(d.hasDimParam() && !d.getDimParam().isEmpty() ? d.getDimParam() : null);
    }
    return new Port(value.getName(), type, dims, names);
  }

  private static String kind(Onnx.TypeProto type) {
    if (type.hasTensorType()) return "tensor of ONNX element type " + type.getTensorType().getElemType();
    return type.getValueCase().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * The shape of every input.
   *
   * @param given by input name; may leave out inputs whose shape the model fixes
   * @throws ModelRefused naming the input and dimension that is missing or contradicts the model
   */
  public Map<String, Shape> resolve(Map<String, Shape> given) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (String name : given.keySet())
      if (inputs.stream().noneMatch(p -> p.name().equals(name)))
        throw new ModelRefused("input %s: not an input (expected: one of %s)".formatted(name, inputs.stream().map(Port::name).toList()));
    for (Port p : inputs) {
      Shape shape = given.get(p.name());
      if (shape == null && !p.fixed()) throw new ModelRefused(open(p));
      if (shape == null) shape = ModelShapes.of(p.name(), p.dims());
      if (!p.accepts(shape)) throw new ModelRefused("input %s: shape %s (expected: %s, -1 being any)".formatted(p.name(), shape, p.dims()));
      shapes.put(p.name(), shape);
    }
    return shapes;
  }

  private static String open(Port p) {
    if (p.dims() == null) return "input %s: any number of dimensions (expected: a concrete shape to be given)".formatted(p.name());
    int i = p.dims().indexOf(-1);
    String name = p.names().get(i) == null ? "" : " (" + p.names().get(i) + ")";
    return "input %s: dimension %d%s of %s is open (expected: a concrete shape to be given)".formatted(p.name(), i, name, p.dims());
  }
}
