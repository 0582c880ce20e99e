package dev.tilestream.models;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * That a member is there. Answers awaited from it fail as soon as it is not, which may be long before anybody's patience ends.
 * Thread-safe.
 */
public final class Presence {
  private final Set<CompletableFuture<?>> awaited = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  /** {@code answer}, or a failure when the member goes first. */
  <T> CompletionStage<T> during(CompletionStage<T> answer) {
    CompletableFuture<T> result = new CompletableFuture<>();
    awaited.add(result);
    answer.whenComplete((value, failure) -> {
      awaited.remove(result);
      if (failure == null) result.complete(value);
      else result.completeExceptionally(failure);
    });
    if (ended) end();
    return result;
  }

  /** The member is gone, or does not answer any more. */
  public void end() {
    ended = true;
    awaited.forEach(answer -> answer.completeExceptionally(new IllegalStateException("it does not answer any more")));
  }
}
