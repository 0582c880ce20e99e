package dev.tilestream.security;

import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** TLS of a server that shows its certificate and asks its clients for none: HTTPS. */
public final class ServerTls implements Supplier<SSLEngine> {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private final Supplier<SSLContext> contexts;

  /** @throws SecurityFault when the files cannot be used */
  public ServerTls(TlsFiles files) {
    contexts = new FreshContext(files);
  }

  /** For one more connection. */
  @Override
  public SSLEngine get() {
    SSLEngine engine = contexts.get().createSSLEngine();
    engine.setUseClientMode(false);
    engine.setEnabledProtocols(PROTOCOLS);
    return engine;
  }
}
