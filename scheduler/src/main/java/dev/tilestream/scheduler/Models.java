package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the scheduler needs of the node's models. Thread-safe. */
public interface Models {
  /** A loaded model; without a version the newest loaded one. */
  Optional<LoadedModel> find(String name, Optional<String> version);

  /**
   * Makes the model ready for inputs of these shapes, here and at all neighbours: imported and measured. Devices that could not are left
   * out; fails only when this one could not.
   */
  CompletionStage<Prepared> prepare(LoadedModel model, Map<String, Shape> shapes);

  /** The same without waiting for neighbours: this device's profile alone. */
  CompletionStage<Prepared> prepareAlone(LoadedModel model, Map<String, Shape> shapes);

  /** @param profiles by device name, this one's included */
  record Prepared(OperatorGraph graph, Map<String, DeviceProfile> profiles) {
    public Prepared {
      profiles = Map.copyOf(profiles);
    }

    /** The same with {@code profile} in the place of what was known of that device. */
    Prepared with(DeviceProfile profile) {
      Map<String, DeviceProfile> now = new HashMap<>(profiles);
      now.put(profile.device(), profile);
      return new Prepared(graph, now);
    }
  }
}
