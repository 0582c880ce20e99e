package dev.tilestream.security;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;

/** Why a certificate was not taken, in words. */
public final class Reasons {
  private Reasons() {}

  /** @param failure a handshake's, or a trust manager's; the deepest cause that says something is told */
  public static String of(Throwable failure) {
    Throwable last = failure;
    CertificateException certificate = null;
    for (int depth = 0; last.getCause() != null && depth < 16; depth++) {
      last = last.getCause();
      if (last instanceof CertificateException e) certificate = e;
    }
    if (last instanceof CertificateExpiredException || last instanceof CertificateNotYetValidException)
      return "the certificate is out of its time: " + last.getMessage();
    boolean unanchored = last instanceof CertPathValidatorException e && e.getReason() == PKIXReason.NO_TRUST_ANCHOR;
    if (unanchored || last instanceof CertPathBuilderException) return "the certificate is of none of the authorities here";
    if (certificate != null) return "the certificate is not taken: " + certificate.getMessage();
    return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
  }
}
