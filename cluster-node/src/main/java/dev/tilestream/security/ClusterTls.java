package dev.tilestream.security;

import akka.actor.ActorSystem;
import akka.remote.artery.tcp.SSLEngineProvider;
import com.typesafe.config.Config;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import scala.Option;

/**
 * Mutual TLS among members: each shows a certificate of one of the fleet's authorities, and the one that is called shows that it is the host
 * that was meant. Made by Akka, by its name in the settings.
 */
public final class ClusterTls implements SSLEngineProvider {
  /** Settings of the cluster's port: {@code certificate}, {@code private-key}, {@code authorities} and {@code verify-host}. */
  public static final String SETTING = "tilestream.security.cluster";
  private static final String[] PROTOCOLS = {"TLSv1.3"};

  private final Supplier<SSLContext> contexts;
  private final boolean verifiesHost;

  /** @throws SecurityFault when the settings name no files, or such that cannot be used */
  public ClusterTls(ActorSystem system) {
    this(system.settings().config());
  }

  ClusterTls(Config config) {
    TlsFiles files = files(config).orElseThrow(() -> new SecurityFault(SETTING + ": empty (expected: certificate, private-key, authorities)"));
    contexts = new FreshContext(files);
    verifiesHost = config.getBoolean(SETTING + ".verify-host");
  }

  /** Empty: members talk in clear. @throws SecurityFault when some settings are missing */
  public static Optional<TlsFiles> files(Config config) {
    return TlsFiles.from(config, SETTING);
  }

  @Override
  public SSLEngine createServerSSLEngine(String host, int port) {
    SSLEngine engine = contexts.get().createSSLEngine(host, port);
    engine.setUseClientMode(false);
    engine.setEnabledProtocols(PROTOCOLS);
    engine.setNeedClientAuth(true);
    return engine;
  }

  @Override
  public SSLEngine createClientSSLEngine(String host, int port) {
    SSLEngine engine = contexts.get().createSSLEngine(host, port);
    engine.setUseClientMode(true);
    engine.setSSLParameters(clientParameters());
    return engine;
  }

  SSLContext context() {
    return contexts.get();
  }

  SSLParameters clientParameters() {
    SSLParameters parameters = context().getDefaultSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    if (verifiesHost) parameters.setEndpointIdentificationAlgorithm("HTTPS");
    return parameters;
  }

  /** The handshake has verified all there is. */
  @Override
  public Option<Throwable> verifyClientSession(String host, SSLSession session) {
    return Option.empty();
  }

  @Override
  public Option<Throwable> verifyServerSession(String host, SSLSession session) {
    return Option.empty();
  }
}
