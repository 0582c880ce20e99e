package dev.tilestream.tile;

import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the source sends for one deployment, worked out once: rows of the model's inputs, to other devices first, the most urgent first. */
public final class Feeder {
  private final DeploymentId deployment;
  private final List<String> devices;
  private final List<Shipment> shipments;
  private final Precision precision;

  public Feeder(DeploymentId deployment, Plan plan, Routes routes) {
    this(deployment, plan, Shipment.fromSource(plan, routes));
  }

  /** @param shipments {@link Shipment#fromSource} of the plan */
  public Feeder(DeploymentId deployment, Plan plan, List<Shipment> shipments) {
    this.deployment = deployment;
    devices = plan.devices();
    precision = plan.precision();
    this.shipments = List.copyOf(shipments);
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
    for (Shipment s : shipments)
      if (!byTensor.containsKey(s.rows().tensor()))
        throw new IllegalArgumentException("inputs: tensors %s (expected: %d among them)".formatted(byTensor.keySet(), s.rows().tensor()));
    Set<String> unreachable = new TreeSet<>();
    for (Shipment s : shipments) {
      TensorSlice rows = byTensor.get(s.rows().tensor()).rows(s.rows().span());
      String device = devices.get(s.device());
      if (!courier.send(device, new Parcel(deployment, inference, s.address(), s.urgency(), rows), precision)) unreachable.add(device);
    }
    return unreachable;
  }
}
