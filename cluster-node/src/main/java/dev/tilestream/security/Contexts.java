package dev.tilestream.security;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes TLS contexts of what was read. */
public final class Contexts {
  /** A resumed session is not asked for its certificate again, so it must not go on for long after that has expired. */
  private static final int SESSION_SECONDS = 600;

  private Contexts() {}

  /** For a client that trusts the authorities in {@code file} and no others. @throws SecurityFault when it holds none */
  public static SSLContext trusting(String setting, Path file) {
    return of(new KeyManager[0], new TrustManager[] {trust(Pem.certificates(setting, file))});
  }

  /** For who shows that identity. @param authorities whom it trusts, saying in the log whom not; empty: those of the JVM */
  static SSLContext of(Identity identity, Optional<List<X509Certificate>> authorities) {
    TrustManager[] trust = authorities.map(Contexts::trust).map(ExplainingTrust::new).map(t -> new TrustManager[] {t}).orElse(null);
    return of(new KeyManager[] {new OneIdentity(identity)}, trust);
  }

  private static SSLContext of(KeyManager[] keys, TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      context.getServerSessionContext().setSessionTimeout(SESSION_SECONDS);
      context.getClientSessionContext().setSessionTimeout(SESSION_SECONDS);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS is part of every JVM", e);
    }
  }

  private static X509ExtendedTrustManager trust(List<X509Certificate> authorities) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) store.setCertificateEntry("authority-" + i, authorities.get(i));
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return Stream.of(factory.getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast)
          .findFirst()
          .orElseThrow();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("PKIX is part of every JVM", e);
    }
  }
}
