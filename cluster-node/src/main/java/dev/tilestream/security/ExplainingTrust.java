package dev.tilestream.security;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trusts whom another trusts, and says in the log whom not and why. Who knocks every second is spoken of once a minute. */
final class ExplainingTrust extends X509ExtendedTrustManager {
  private static final Logger LOG = LoggerFactory.getLogger(ExplainingTrust.class);
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);
  /** Different refusals told in that time; names are the stranger's choice. */
  private static final int MOST = 20;

  private final X509ExtendedTrustManager trust;
  private final Set<String> told = new HashSet<>();
  private long toldSince = System.nanoTime();

  ExplainingTrust(X509ExtendedTrustManager trust) {
    this.trust = trust;
  }

  private interface Check {
    void run() throws CertificateException;
  }

  private void explained(X509Certificate[] chain, Check check) throws CertificateException {
    try {
      check.run();
    } catch (CertificateException e) {
      String refusal = "refused a peer that calls itself %s: %s".formatted(subject(chain), Reasons.of(e));
      if (isNews(refusal)) LOG.warn("{}", refusal);
      throw e;
    }
  }

  private synchronized boolean isNews(String refusal) {
    long now = System.nanoTime();
    if (now - toldSince > FORGOTTEN.toNanos()) {
      told.clear();
      toldSince = now;
    }
    return told.size() < MOST && told.add(refusal);
  }

  private static String subject(X509Certificate[] chain) {
    if (chain == null || chain.length == 0) return "nothing";
    return "%s (certificate by %s)".formatted(chain[0].getSubjectX500Principal().getName(), chain[0].getIssuerX500Principal().getName());
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
    explained(chain, () -> trust.checkClientTrusted(chain, authType, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException {
    explained(chain, () -> trust.checkServerTrusted(chain, authType, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
    explained(chain, () -> trust.checkClientTrusted(chain, authType, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
    explained(chain, () -> trust.checkServerTrusted(chain, authType, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
    explained(chain, () -> trust.checkClientTrusted(chain, authType));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
    explained(chain, () -> trust.checkServerTrusted(chain, authType));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
