package dev.tilestream.scheduler;

import static java.util.stream.Collectors.joining;

import dev.tilestream.tensor.DataType;
import java.util.List;

/**
 * A version of a model in the repository or the cluster, as this node sees it.
 *
 * @param reason why it is not ready; empty when it is
 * @param inputs empty until it has been loaded
 */
public record ModelStatus(String name, String version, State state, String reason, List<Port> inputs, List<Port> outputs) {
  public enum State {
    UNLOADED,
    LOADING,
    READY,
    FAILED
  }

  /**
   * An input or output.
   *
   * @param type null: not a plain tensor
   * @param shape -1 where a dimension may vary
   * @param pixels whether it may come as UINT8 instead, which the graph converts as the model's configuration says
   */
  public record Port(String name, DataType type, List<Long> shape, boolean pixels) {
    public Port {
      shape = List.copyOf(shape);
    }

    /** One of its own type only. */
    public Port(String name, DataType type, List<Long> shape) {
      this(name, type, shape, false);
    }

    /** The types of values that can be given, its own first; none where it is no plain tensor. */
    public List<DataType> types() {
      if (type == null) return List.of();
      return pixels ? List.of(type, DataType.UINT8) : List.of(type);
    }

    /** Whether values of that type can be given. */
    public boolean takes(DataType given) {
      return types().contains(given);
    }

    /** {@link #types}, in words of the protocol. */
    public String datatypes() {
      return types().stream().map(DataType::protocolName).collect(joining(" or "));
    }
  }

  public ModelStatus {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
