package dev.tilestream.scheduler.simulate;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Inferences of one source under one plan.
 *
 * @param work the plan's
 * @param devices for each device of the plan its index in the fleet that is simulated
 * @param frames how many
 * @param firstSeconds when the first is born
 * @param periodSeconds from one's birth to the next one's; 0: each is born as soon as it may begin
 * @param inFlight so many are under way at most; those born meanwhile wait
 */
public record InferenceStream(Workload work, List<Integer> devices, int frames, double firstSeconds, double periodSeconds, int inFlight) {
  public InferenceStream {
    devices = List.copyOf(devices);
    if (devices.size() != work.devices)
      throw new IllegalArgumentException("stream: on devices %s (expected: %d, as its plan has)".formatted(devices, work.devices));
    if (devices.stream().distinct().count() != devices.size())
      throw new IllegalArgumentException("stream: on devices %s (expected: each once)".formatted(devices));
    if (frames < 1 || inFlight < 1)
      throw new IllegalArgumentException("stream: %d frames, %d in flight (expected: at least 1)".formatted(frames, inFlight));
    if (!(firstSeconds >= 0 && firstSeconds < Double.POSITIVE_INFINITY && periodSeconds >= 0 && periodSeconds < Double.POSITIVE_INFINITY))
      throw new IllegalArgumentException(
          "stream: first at %s s, one every %s s (expected: finite, not negative)".formatted(firstSeconds, periodSeconds));
  }

  /** On the devices of the plan's own fleet, one born as soon as there are fewer than {@code inFlight}. */
  public static InferenceStream backToBack(Workload work, int frames, int inFlight) {
    return new InferenceStream(work, all(work), frames, 0, 0, inFlight);
  }

  /** On the devices of the plan's own fleet, one every {@code periodSeconds}. */
  public static InferenceStream every(double periodSeconds, Workload work, int frames, int inFlight) {
    return new InferenceStream(work, all(work), frames, 0, periodSeconds, inFlight);
  }

  private static List<Integer> all(Workload work) {
    return IntStream.range(0, work.devices).boxed().toList();
  }
}
