package dev.tilestream.node;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.tilestream.api.ApiServer;
import dev.tilestream.api.ApiSettings;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.wire.TensorMemory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP endpoint and the memory of requests: what clients hold on to. It has an actor system of its own, a local one, so that connections
 * and requests outlive every restart of the member behind it.
 */
final class Face implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Face.class);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final ActorSystem<?> system;
  private final ApiServer server;

  private Face(ActorSystem<?> system, ApiServer server) {
    this.system = system;
    this.server = server;
  }

  /** Binds; throws when the address is taken. */
  static Face start(NodeSettings settings, Config config, Relay relay) {
    Config local = config.withValue("akka.actor.provider", ConfigValueFactory.fromAnyRef("local"));
    ActorSystem<?> system = ActorSystem.create(Behaviors.empty(), "tilestream-face", local);
    try {
      ApiSettings http = ApiSettings.from(config).at(settings.httpHost(), settings.httpPort());
      ApiServer server = ApiServer.start(system, http, relay.face(TensorMemory.of(system).pool())).toCompletableFuture().join();
      LOG.info("node {} serves {}", settings.name(), server.address());
      return new Face(system, server);
    } catch (RuntimeException e) {
      system.terminate();
      throw e;
    }
  }

  /** Where all tensors of this process live; not to be closed by callers. */
  BufferPool pool() {
    return TensorMemory.of(system).pool();
  }

  InetSocketAddress address() {
    return server.address();
  }

  /** http or https. */
  String scheme() {
    return server.scheme();
  }

  /** Takes no more connections and ends when the last answer is out, within seconds. */
  @Override
  public void close() {
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(STOP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("HTTP did not stop in time: {}", e.toString());
    }
  }
}
