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

  /** An input or output: its name, type (null: not a plain tensor) and dimensions, -1 where they may vary. */
  public record Port(String name, DataType type, List<Long> shape) {
    public Port {
      shape = List.copyOf(shape);
    }
  }

  public ModelStatus {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
