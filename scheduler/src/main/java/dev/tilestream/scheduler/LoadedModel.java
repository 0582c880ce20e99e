package dev.tilestream.scheduler;

import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A model that this node can run.
 *
 * @param sha256 of the ONNX file, in hex; of that and the pixels for one that stands behind pixels
 * @param inputs what it takes; dimension -1 is fixed by the request
 * @param halo what requests that say nothing get, as {@link InferenceRequest#halo}; empty: exact
 * @param objective what plans of requests that say nothing are chosen for; empty: latency
 * @param precision at which floats of such requests cross links; empty: their own
 * @param ofPixels the same model behind pixels: an input comes as bytes there; empty: it takes none
 */
public record LoadedModel(
    String name,
    String version,
    String sha256,
    List<ModelStatus.Port> inputs,
    List<ModelStatus.Port> outputs,
    Optional<Strategy> defaultStrategy,
    Optional<Duration> deadline,
    Optional<Integer> halo,
    Optional<Objective> objective,
    Optional<Precision> precision,
    Optional<LoadedModel> ofPixels) {
  public LoadedModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** One that takes no pixels. */
  public LoadedModel(
      String name, String version, String sha256, List<ModelStatus.Port> inputs, List<ModelStatus.Port> outputs,
      Optional<Strategy> defaultStrategy, Optional<Duration> deadline, Optional<Integer> halo, Optional<Objective> objective,
      Optional<Precision> precision) {
    this(name, version, sha256, inputs, outputs, defaultStrategy, deadline, halo, objective, precision, Optional.empty());
  }

  /** One whose rows cross links as they are. */
  public LoadedModel(
      String name, String version, String sha256, List<ModelStatus.Port> inputs, List<ModelStatus.Port> outputs,
      Optional<Strategy> defaultStrategy, Optional<Duration> deadline, Optional<Integer> halo, Optional<Objective> objective) {
    this(name, version, sha256, inputs, outputs, defaultStrategy, deadline, halo, objective, Optional.empty());
  }

  /** An exact one, for latency. */
  public LoadedModel(
      String name, String version, String sha256, List<ModelStatus.Port> inputs, List<ModelStatus.Port> outputs,
      Optional<Strategy> defaultStrategy, Optional<Duration> deadline) {
    this(name, version, sha256, inputs, outputs, defaultStrategy, deadline, Optional.empty(), Optional.empty());
  }

  /**
   * The same model, whose input of that name also comes as bytes.
   *
   * @param form SHA-256 of the model behind pixels
   */
  public LoadedModel withPixels(String input, String form) {
    LoadedModel behind = with(form, ports(input, port -> new ModelStatus.Port(input, DataType.UINT8, port.shape())), Optional.empty());
    return with(sha256, ports(input, port -> new ModelStatus.Port(input, port.type(), port.shape(), true)), Optional.of(behind));
  }

  private LoadedModel with(String content, List<ModelStatus.Port> taken, Optional<LoadedModel> behind) {
    return new LoadedModel(name, version, content, taken, outputs, defaultStrategy, deadline, halo, objective, precision, behind);
  }

  private List<ModelStatus.Port> ports(String changed, UnaryOperator<ModelStatus.Port> change) {
    return inputs.stream().map(port -> port.name().equals(changed) ? change.apply(port) : port).toList();
  }

  /** The form of it that most requests will ask for: who says how a picture becomes its input will send pictures. */
  public LoadedModel usual() {
    return ofPixels.orElse(this);
  }

  /** The form of it that takes these tensors: itself, unless they are pixels. */
  public LoadedModel taking(Map<String, TensorSlice> tensors) {
    return ofPixels.filter(form -> form.inputs.stream().allMatch(port -> is(tensors.get(port.name()), port.type()))).orElse(this);
  }

  private static boolean is(TensorSlice tensor, DataType type) {
    return tensor != null && tensor.type() == type;
  }
}
