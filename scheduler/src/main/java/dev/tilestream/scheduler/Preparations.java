package dev.tilestream.scheduler;

import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Model instances, and what is known of the devices for them: asked for when an instance is first used, and again whenever devices come,
 * go or were left out for a while. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Preparations {
  /** What the actor does for preparations, and is told of them. */
  interface Listener {
    /** Start it; the result comes back through {@link Preparations#done}. */
    void prepare(ModelInstance instance, boolean alone);

    /** Plans can be made now; by {@code alone} for the source alone. */
    void ready(ModelInstance instance, boolean alone);

    /** It can't be prepared and was taken out. */
    void failed(ModelInstance instance, Throwable failure);

    /** It is not needed any more and was taken out. */
    void surplus(ModelInstance instance);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Preparations.class);

  private final Instances instances;
  private final Listener listener;

  Preparations(int maxInstances, Listener listener) {
    instances = new Instances(maxInstances);
    this.listener = listener;
  }

  List<ModelInstance> all() {
    return List.copyOf(instances.all());
  }

  /** The instance for these input shapes; has it prepared if it is not yet. */
  ModelInstance use(LoadedModel model, Map<String, Shape> shapes) {
    ModelInstance instance = instances.use(model, shapes);
    if (instance.prepared == null && !instance.preparing) prepare(instance);
    return instance;
  }

  /** Without waiting for other devices, unless that is on its way. */
  void prepareAlone(ModelInstance instance) {
    if (instance.preparingAlone) return;
    instance.preparingAlone = true;
    listener.prepare(instance, true);
  }

  private void prepare(ModelInstance instance) {
    if (instance.preparing) {
      instance.prepareAgain = true;
      return;
    }
    instance.preparing = true;
    instance.prepareAgain = false;
    instance.retryAtNanos = 0;
    listener.prepare(instance, false);
  }

  void refresh() {
    for (ModelInstance instance : instances.all()) prepare(instance);
  }

  /** A preparation is there, or why there is none. */
  void done(ModelInstance instance, boolean alone, Models.Prepared prepared, Throwable failure) {
    if (alone) instance.preparingAlone = false;
    else instance.preparing = false;
    if (instance.removed || alone && instance.prepared != null) return;
    if (failure == null) {
      instance.prepared = prepared;
      listener.ready(instance, alone);
    } else if (instance.prepared == null) {
      instances.remove(instance);
      listener.failed(instance, failure);
      return;
    } else LOG.warn("model {} keeps its plans: {}", instance.model.name(), failure.getMessage());
    if (!alone && instance.prepareAgain) prepare(instance);
  }

  /** A device's speed for a graph is known better. */
  void profileChanged(DeviceProfile profile) {
    for (ModelInstance instance : instances.all())
      if (instance.prepared != null && instance.prepared.graph().hash().equals(profile.graphHash())
          && instance.prepared.profiles().containsKey(profile.device())) instance.prepared = instance.prepared.with(profile);
  }

  void tick(long now) {
    instances.surplus().forEach(listener::surplus);
    for (ModelInstance instance : instances.all())
      if (instance.retryAtNanos != 0 && now - instance.retryAtNanos > 0) prepare(instance);
  }

  /** Takes out those of a model. */
  List<ModelInstance> remove(String sha256) {
    return instances.remove(sha256);
  }
}
