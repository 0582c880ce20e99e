package dev.tilestream.scheduler;

import dev.tilestream.plan.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Who waits until a model can be used at once: {@code local} and the model's default strategy deployed. Lives in the actor's thread. */
final class WarmUps {
  private record Wait(ModelInstance instance, Strategy strategy, List<Slot> slots, CompletableFuture<Void> done) {}

  private final Deployer deployer;
  private final List<Wait> waits = new ArrayList<>();

  WarmUps(Deployer deployer) {
    this.deployer = deployer;
  }

  void add(ModelInstance instance, Strategy strategy, CompletableFuture<Void> done) {
    waits.add(new Wait(instance, strategy, new ArrayList<>(), done));
    if (instance.prepared != null) prepared(instance);
  }

  void prepared(ModelInstance instance) {
    for (Wait wait : List.copyOf(waits)) {
      if (wait.instance != instance || !wait.slots.isEmpty()) continue;
      wait.slots.add(deployer.slot(instance, Strategy.LOCAL));
      wait.slots.add(deployer.slot(instance, wait.strategy));
    }
    check();
  }

  void failed(ModelInstance instance, InferenceFailure why) {
    for (Wait wait : List.copyOf(waits)) if (wait.instance == instance) end(wait, why);
  }

  void abandon(InferenceFailure why) {
    List.copyOf(waits).forEach(wait -> end(wait, why));
  }

  /** Ends those whose slots are all deployed, or given up. */
  void check() {
    for (Wait wait : List.copyOf(waits)) {
      if (wait.slots.isEmpty() || wait.slots.stream().anyMatch(Slot::coming)) continue;
      boolean local = wait.slots.get(0).state == Slot.State.LIVE;
      String why = "model %s could not be deployed here".formatted(wait.instance.model.name());
      end(wait, local ? null : new InferenceFailure(InferenceFailure.Kind.BROKEN, why));
    }
  }

  private void end(Wait wait, InferenceFailure failure) {
    if (!waits.remove(wait)) return;
    if (failure == null) wait.done.complete(null);
    else wait.done.completeExceptionally(failure);
  }
}
