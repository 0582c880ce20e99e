package dev.tilestream.scheduler;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Loading and unloading models, cluster-wide. Failures are {@link InferenceFailure}s. */
public interface ModelControl {
  /** Every version known to this node: its own repository's and those that the cluster has loaded. */
  List<ModelStatus> models();

  /** One of them; without a version the newest loaded one, else the newest. */
  Optional<ModelStatus> model(String name, Optional<String> version);

  /**
   * Loads (again) on every node: completes once it can be used from here. Asked of a node without that model in its repository, it is
   * found at a peer.
   */
  CompletionStage<ModelStatus> load(String name, Optional<String> version);

  /**
   * The same, and waits a little until all devices have measured it: plans are as good from the first request on as they get. Before that,
   * they go by estimates.
   */
  CompletionStage<ModelStatus> loadMeasured(String name, Optional<String> version);

  /** Unloads on every node; running inferences finish first. */
  CompletionStage<ModelStatus> unload(String name, Optional<String> version);
}
