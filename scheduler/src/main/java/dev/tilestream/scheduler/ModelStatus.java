package dev.tilestream.scheduler;

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

    /** Whether values of that type can be given. */
    public boolean takes(DataType given) {
      return type != null && (given == type || pixels && given == DataType.UINT8);
    }

    /** The types that can be given, in words of the protocol; of a plain tensor. */
    public String datatypes() {
      return type.protocolName() + (pixels ? " or " + DataType.UINT8.protocolName() : "");
    }
  }

  public ModelStatus {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
