package dev.tilestream.tile;

import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.Set;

/** What the source sends for one deployment, worked out once: rows of the model's inputs, the most urgent tile first. */
public final class Feeder {
  private record Part(Delivery delivery, String device, int urgency) {}

  private final DeploymentId deployment;
  private final List<Part> parts;

  public Feeder(DeploymentId deployment, Plan plan, Routes routes) {
    this.deployment = deployment;
    parts =
        routes.fromSource().stream()
            .map(d -> new Part(d, plan.devices().get(plan.tiles().get(d.to()).device()), plan.tiles().get(d.to()).urgency()))
            .sorted(Comparator.comparingInt(Part::urgency))
            .toList();
  }

  /**
   * Sends an inference's input on its way.
   *
   * @param inputs whole slices whose tensor ids are those of the graph; the caller keeps its references, parcels hold their own
   * @return devices that could not be reached; empty when all is under way
   * @throws IllegalArgumentException when an input is missing; nothing was sent
   */
  public Set<String> feed(Courier courier, InferenceId inference, List<TensorSlice> inputs) {
    Map<Integer, TensorSlice> byTensor = new HashMap<>();
    for (TensorSlice input : inputs) byTensor.put(input.tensor(), input);
    for (Part part : parts)
      if (!byTensor.containsKey(part.delivery().rows().tensor()))
        throw new IllegalArgumentException("inputs: tensors %s (expected: %d among them)".formatted(byTensor.keySet(), part.delivery().rows().tensor()));
    Set<String> unreachable = new TreeSet<>();
    for (Part part : parts) {
      TensorSlice rows = byTensor.get(part.delivery().rows().tensor()).rows(part.delivery().rows().span());
      if (!courier.send(part.device(), new Parcel(deployment, inference, part.delivery().to(), part.urgency(), rows))) unreachable.add(part.device());
    }
    return unreachable;
  }
}
