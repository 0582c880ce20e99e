package dev.tilestream.scheduler;

import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The model instances of a source, so many at most: a model whose shapes vary has one for each of them. Beyond the bound the one unused
 * for longest goes, if nothing runs on it. Not thread-safe: lives in the scheduler actor's thread.
 */
final class Instances {
  private final int most;
  /** In the order of their last use. */
  private final Map<ModelInstance.Key, ModelInstance> instances = new LinkedHashMap<>(16, 0.75f, true);

  Instances(int most) {
    this.most = most;
  }

  /** The instance for these input shapes, used now; a fresh one if there is none. */
  ModelInstance use(LoadedModel model, Map<String, Shape> shapes) {
    return instances.computeIfAbsent(new ModelInstance.Key(model.sha256(), shapes), key -> new ModelInstance(key, model));
  }

  Collection<ModelInstance> all() {
    return List.copyOf(instances.values());
  }

  /** Takes those of a model out. */
  List<ModelInstance> remove(String sha256) {
    List<ModelInstance> gone = new ArrayList<>();
    for (ModelInstance instance : all()) if (instance.key.sha256().equals(sha256)) remove(instance, gone);
    return gone;
  }

  void remove(ModelInstance instance) {
    remove(instance, new ArrayList<>());
  }

  private void remove(ModelInstance instance, List<ModelInstance> gone) {
    if (!instances.remove(instance.key, instance)) return;
    instance.removed = true;
    gone.add(instance);
  }

  /** Takes out what is beyond the bound and idle, the one unused for longest first. */
  List<ModelInstance> surplus() {
    List<ModelInstance> gone = new ArrayList<>();
    for (ModelInstance instance : all()) {
      if (instances.size() <= most) break;
      if (instance.idle()) remove(instance, gone);
    }
    return gone;
  }
}
