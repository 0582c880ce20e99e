package dev.tilestream.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Who waits until a model can be used at once: {@code local} and the model's default strategy deployed. Lives in the actor's thread. */
final class WarmUps {
  private record Wait(ModelInstance instance, PlanGoal goal, List<Course> courses, CompletableFuture<Void> done) {}

  private final Courses all;
  private final List<Wait> waits = new ArrayList<>();

  WarmUps(Courses all) {
    this.all = all;
  }

  void add(ModelInstance instance, PlanGoal goal, CompletableFuture<Void> done) {
    waits.add(new Wait(instance, goal, new ArrayList<>(), done));
    if (instance.prepared != null) prepared(instance);
  }

  void prepared(ModelInstance instance) {
    for (Wait wait : List.copyOf(waits)) {
      if (wait.instance != instance || !wait.courses.isEmpty()) continue;
      wait.courses.add(all.course(instance, PlanGoal.LOCAL));
      wait.courses.add(all.course(instance, wait.goal));
    }
    check();
  }

  void failed(ModelInstance instance, InferenceFailure why) {
    for (Wait wait : List.copyOf(waits)) if (wait.instance == instance) end(wait, why);
  }

  void abandon(InferenceFailure why) {
    List.copyOf(waits).forEach(wait -> end(wait, why));
  }

  /** Ends those whose courses are all deployed, or given up. */
  void check() {
    for (Wait wait : List.copyOf(waits)) {
      if (wait.courses.isEmpty() || wait.courses.stream().anyMatch(Course::coming)) continue;
      boolean local = wait.courses.get(0).live();
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
