package dev.tilestream.scheduler;

import akka.actor.typed.ActorRef;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tile.Courier;
import dev.tilestream.tile.Deployments;
import dev.tilestream.tile.Joins;
import dev.tilestream.tile.Ledgers;
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
    String device, long incarnation, ActorRef<Deployments.Command> deployments, Joins joins, Ledgers ledgers, Courier courier,
    BufferPool pool,
    Executor background) {}
