package dev.tilestream.api;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.http.javadsl.ConnectionContext;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.ServerBuilder;
import akka.http.javadsl.settings.ServerSettings;
import akka.stream.Materializer;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.security.ServerTls;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The HTTP face of a node while it is bound. */
public final class ApiServer {
  private final ServerBinding binding;
  private final ApiSettings settings;

  private ApiServer(ServerBinding binding, ApiSettings settings) {
    this.binding = binding;
    this.settings = settings;
  }

  /**
   * Binds; fails when the address is taken. When the system shuts down in an orderly way, the server stops first, as {@link #stop} does.
   */
  public static CompletionStage<ApiServer> start(ActorSystem<?> system, ApiSettings settings, ApiBackend backend) {
    Executor blocking = system.dispatchers().lookup(DispatcherSelector.fromConfig(BodyReceiver.DISPATCHER));
    Materializer materializer = Materializer.matFromSystem(system);
    BodyReceiver receiver = new BodyReceiver(materializer, settings);
    FrameReader reader = new FrameReader(backend, new PicturePreprocessor(settings.picture(), receiver.budget()));
    InferenceHttp inference = new InferenceHttp(backend, settings, receiver, reader, blocking);
    StreamHttp streams =
        new StreamHttp(new FrameStream.Shared(backend, reader, receiver.budget(), blocking), settings, receiver, materializer);
    ServerHttp server = new ServerHttp(backend, inference::inFlight);
    Gate gate = new Gate(settings.tokens(), settings.loopback());
    Router router =
        new Router(gate, server, new ModelHttp(backend.models(), receiver), inference, streams, new PlansHttp(backend), receiver);
    return binding(system, settings)
        .withSettings(serverSettings(system, settings))
        .bind(router::handle)
        .thenApply(binding -> new ApiServer(binding.addToCoordinatedShutdown(settings.stopTimeout(), system), settings));
  }

  private static ServerBuilder binding(ActorSystem<?> system, ApiSettings settings) {
    ServerBuilder plain = Http.get(system).newServerAt(settings.host(), settings.port());
    return settings.tls().map(ServerTls::new).map(tls -> plain.enableHttps(ConnectionContext.httpsServer(tls::get))).orElse(plain);
  }

  private static ServerSettings serverSettings(ActorSystem<?> system, ApiSettings settings) {
    Config config = system.settings().config()
        .withValue(MalformedRequests.SETTING, ConfigValueFactory.fromAnyRef(MalformedRequests.class.getName()));
    ServerSettings standard = ServerSettings.create(config);
    // Deadlines are the inference's own and its answer says so; the connection must outlive them.
    Duration idle = settings.longestDeadline().plus(settings.bodyIdleTimeout());
    return standard
        // Every body is bounded by whoever reads it.
        .withParserSettings(standard.getParserSettings()
            .withMaxContentLength(Long.MAX_VALUE)
            // The warning would quote the header: a token that was mistyped, in the log.
            .withIllegalHeaderWarnings(false))
        .withMaxConnections(settings.maxConnections())
        .withTimeouts(standard.getTimeouts()
            .withRequestTimeout(scala.concurrent.duration.Duration.Inf())
            .withIdleTimeout(scala.concurrent.duration.Duration.fromNanos(idle.toNanos())));
  }

  /** Where it is bound; the port that was taken when 0 was asked for. */
  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** http or https. */
  public String scheme() {
    return settings.scheme();
  }

  /** Takes no more connections, lets running requests end within the stop timeout, and closes. */
  public CompletionStage<Void> stop() {
    return binding.terminate(settings.stopTimeout()).thenApply(terminated -> null);
  }
}
