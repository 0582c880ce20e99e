package dev.tilestream.node;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.io.TcpMessage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for an actor system that is to end. Its transport lets connections end as TCP does, which needs the other side: with one that cannot be
 * heard, it and the port that the next start needs would be held until the kernel gives up, a quarter of an hour later. So connections that do
 * not end by themselves are cut.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
  /** More than leaving a cluster takes that does not answer, and the last words to it. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration BETWEEN_CUTS = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  /** Akka's own name for its sockets' actors, connections and listeners alike; a listener takes no notice. */
  private static final String SOCKETS = "/system/IO-TCP/selectors/*/*";

  private Ending() {}

  /** Returns when it has ended, or will not. */
  static void await(ActorSystem<?> system) {
    CompletableFuture<?> ended = system.getWhenTerminated().toCompletableFuture();
    long deadline = System.nanoTime() + LONGEST.toNanos();
    try {
      boolean over = within(PATIENCE, ended);
      if (!over) LOG.warn("connections of the last start do not end by themselves; cutting them");
      while (!over && System.nanoTime() - deadline < 0) {
        Adapter.toClassic(system).actorSelection(SOCKETS).tell(TcpMessage.abort(), akka.actor.ActorRef.noSender());
        over = within(BETWEEN_CUTS, ended);
      }
      if (!over) LOG.error("the last start has not ended within {}", LONGEST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      LOG.warn("the last start ended in failure", e.getCause());
    }
  }

  private static boolean within(Duration patience, CompletableFuture<?> ended) throws InterruptedException, ExecutionException {
    try {
      ended.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException notYet) {
      return false;
    }
  }
}
