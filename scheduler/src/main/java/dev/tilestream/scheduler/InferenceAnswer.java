package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What came out. The receiver owns the output slices and calls {@link #release}.
 *
 * @param outputs by name, in the model's order, whole and dense; {@link TensorSlice#shape} is the actual shape
 * @param devices names of those that computed a part
 * @param latency from the scheduler's taking it up to the last row
 * @param predicted what its plan was expected to take when the inference began
 * @param bytesOverAir tensor bytes that crossed a link for it, by plan
 * @param exact whether it is what one machine computes
 * @param deviation where it is not, how far the first such answer was from what this device computes alone: the largest difference of
 *     two elements, as a share of the largest there is; empty when it is exact or nothing is known yet
 * @param givenUp names of devices that were late or gone, so that what they owed was computed at the source
 * @param measuredJoules its part of what the source drew while it was under way; empty where there is no sensor
 */
public record InferenceAnswer(
    String version,
    Map<String, TensorSlice> outputs,
    Strategy strategy,
    List<String> devices,
    Duration latency,
    Prediction predicted,
    long bytesOverAir,
    boolean exact,
    OptionalDouble deviation,
    OptionalDouble measuredJoules,
    List<String> givenUp,
    List<TimelineEntry> timeline) {
  public InferenceAnswer {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    devices = List.copyOf(devices);
    givenUp = List.copyOf(givenUp);
    timeline = List.copyOf(timeline);
  }

  /** Of whose deviation nothing is known. */
  public InferenceAnswer(
      String version, Map<String, TensorSlice> outputs, Strategy strategy, List<String> devices, Duration latency, Prediction predicted,
      long bytesOverAir, boolean exact, List<TimelineEntry> timeline) {
    this(version, outputs, strategy, devices, latency, predicted, bytesOverAir, exact, OptionalDouble.empty(), OptionalDouble.empty(),
        List.of(), timeline);
  }

  /**
   * What a plan promises at the rates of its moment.
   *
   * @param plan short hash of what it does, as in {@link PlanReport}
   * @param latency alone on its devices; zero when unknown
   * @param joules of the source; NaN when unknown
   */
  public record Prediction(String plan, Duration latency, double joules) {
    /** When nobody knows. */
    public static final Prediction NONE = new Prediction("", Duration.ZERO, Double.NaN);
  }

  /**
   * One thing that happened, on the source's clock.
   *
   * @param track device or link
   * @param what stages and rows, or the tensor in the air
   */
  public record TimelineEntry(String track, String what, double startMillis, double endMillis) {}

  InferenceAnswer with(List<TimelineEntry> entries) {
    return new InferenceAnswer(
        version, outputs, strategy, devices, latency, predicted, bytesOverAir, exact, deviation, measuredJoules, givenUp,
        entries);
  }

  InferenceAnswer with(OptionalDouble found) {
    return new InferenceAnswer(
        version, outputs, strategy, devices, latency, predicted, bytesOverAir, exact, found, measuredJoules, givenUp,
        timeline);
  }

  /** The same, with what it took of the source's energy. */
  public InferenceAnswer withMeasured(double joules) {
    return new InferenceAnswer(
        version, outputs, strategy, devices, latency, predicted, bytesOverAir, exact, deviation, OptionalDouble.of(joules),
        givenUp, timeline);
  }

  /** The same, made without these devices. */
  InferenceAnswer without(List<String> devicesGivenUp) {
    return new InferenceAnswer(
        version, outputs, strategy, devices, latency, predicted, bytesOverAir, exact, deviation, measuredJoules, devicesGivenUp, timeline);
  }

  public void release() {
    outputs.values().forEach(TensorSlice::release);
  }
}
