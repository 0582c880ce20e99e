package dev.tilestream.tile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** From a plan to what one device's tile actors do. */
final class TileTasks {
  private TileTasks() {}

  /**
   * Makes the kernels of this device's tiles; may take seconds.
   *
   * @param standby those of all other devices instead, without trying what is the fastest
   * @throws IllegalArgumentException when the plan does not fit the graph or does not name this device; nothing is held then
   */
  static List<TileTask> build(TileHost host, OperatorGraph graph, Deployments.Deploy deploy, boolean standby) {
    Plan plan = deploy.plan();
    if (!plan.devices().contains(host.device()))
      throw new IllegalArgumentException("plan: devices %s (expected: %s among them)".formatted(plan.devices(), host.device()));
    Routes routes = routes(graph, plan);
    List<TileTask> tasks = new ArrayList<>();
    try {
      for (Tile tile : plan.tiles()) {
        if (standby == plan.devices().get(tile.device()).equals(host.device())) continue;
        List<Outgoing> outgoing = Outgoing.of(plan, routes, tile);
        Band band = routes.bands().get(tile.id());
        KernelLease kernel = new KernelLease(standby ? host.kernels().createQuickly(band) : host.kernels().create(band));
        Optional<Together> group = standby ? Optional.empty() : group(host, kernel);
        tasks.add(new TileTask(deploy.id(), tile, band, outgoing, kernel, new Pace(), group, deploy.source()));
      }
    } catch (RuntimeException | Error e) {
      tasks.forEach(task -> task.kernel().release());
      throw e;
    }
    return tasks;
  }

  private static Optional<Together> group(TileHost host, KernelLease kernel) {
    try {
      return host.groups().of(kernel);
    } catch (RuntimeException | Error e) {
      kernel.release();
      throw e;
    }
  }

  /** Plans come from peers: ids that do not exist in the graph are refused like any other contradiction. */
  private static Routes routes(OperatorGraph graph, Plan plan) {
    try {
      return Routes.of(graph, plan);
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("plan: " + e.getMessage() + " (expected: stages and tensors of graph " + graph.hash() + ")", e);
    }
  }

  /** Done when the kernels of all tasks are closed; fails when one did not. */
  static CompletionStage<Void> closed(List<TileTask> tasks) {
    return CompletableFuture.allOf(tasks.stream().map(task -> task.kernel().closed().toCompletableFuture()).toArray(CompletableFuture[]::new));
  }
}
