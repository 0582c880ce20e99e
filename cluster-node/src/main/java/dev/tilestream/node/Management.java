package dev.tilestream.node;

import akka.actor.typed.ActorSystem;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import java.util.concurrent.TimeUnit;

/**
 * {@code tilestream.management}: Akka Management, for Kubernetes and the like.
 *
 * @param http whether its endpoint is there: {@code /ready}, {@code /alive}, {@code /cluster/members}
 * @param bootstrap whether members find each other through it, instead of through seeds
 */
record Management(boolean http, boolean bootstrap) {
  private static final long BINDING_SECONDS = 10;

  static Management from(Config config) {
    Config management = config.getConfig("tilestream.management");
    return new Management(management.getBoolean("http"), management.getBoolean("bootstrap"));
  }

  Management {
    if (bootstrap && !http)
      throw new IllegalArgumentException("tilestream.management.bootstrap: on (expected: http on, too, through which members find each other)");
  }

  /**
   * Its endpoint stops with the system.
   *
   * @param seeks whether the node has no members to join through yet
   * @throws java.util.concurrent.CompletionException when the endpoint cannot be bound
   */
  void start(ActorSystem<?> system, boolean seeks) {
    if (http) AkkaManagement.get(system.classicSystem()).start().toCompletableFuture().orTimeout(BINDING_SECONDS, TimeUnit.SECONDS).join();
    if (bootstrap && seeks) ClusterBootstrap.get(system.classicSystem()).start();
  }
}
