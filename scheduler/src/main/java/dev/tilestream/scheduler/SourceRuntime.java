package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Joins;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The device that a scheduler lives on.
 *
 * @param device its name in plans
 * @param incarnation random, of this start: tells its inferences and deployments from those of an earlier one
 * @param deployments its own
 * @param background where planning runs; may be busy for seconds
 */
public record SourceRuntime(
    String device, long incarnation, ActorRef<Deployments.Command> deployments, Joins joins, BufferPool pool, Executor background, Feed feed) {

  /** Cuts the input and sends its rows to the tiles that need them. */
  public interface Feed {
    /** @param inputs by tensor id, whole and dense; still owned by the caller, who holds them until the answer is out */
    void send(DeploymentId deployment, InferenceId inference, Plan plan, Routes routes, Map<Integer, TensorSlice> inputs);
  }

  void feed(DeploymentId deployment, InferenceId inference, Plan plan, Routes routes, Map<Integer, TensorSlice> inputs) {
    feed.send(deployment, inference, plan, routes, inputs);
  }
}
