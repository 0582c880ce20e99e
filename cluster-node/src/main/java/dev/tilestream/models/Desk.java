package dev.tilestream.models;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import dev.tilestream.blob.Blobs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * How another member is asked about models, and where its files are served.
 *
 * @param presence ends once that member is gone or does not answer
 */
public record Desk(ActorRef<ModelDesk.Command> models, ActorRef<Blobs.Command> blobs, Presence presence) {
  /** An answer from there; fails when the member goes first, or after {@code patience}. */
  <T> CompletionStage<T> ask(Function<ActorRef<T>, ModelDesk.Command> question, Duration patience, ActorSystem<?> system) {
    return presence.during(AskPattern.ask(models, question::apply, patience, system.scheduler()));
  }

  /** What all of them give, in their order; fails when one does. */
  static <T> CompletionStage<List<T>> all(List<CompletionStage<T>> stages) {
    CompletionStage<List<T>> result = CompletableFuture.completedFuture(new ArrayList<>());
    for (CompletionStage<T> stage : stages)
      result = result.thenCombine(stage, (list, value) -> {
        list.add(value);
        return list;
      });
    return result;
  }
}
