package dev.tilestream.security;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A certificate and the key that it is for.
 *
 * @param chain the certificate, then those of intermediate authorities, if any
 */
record Identity(List<X509Certificate> chain, PrivateKey key) {
  private static final Duration SOON = Duration.ofDays(14);

  Identity {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) throw new IllegalArgumentException("chain: empty (expected: at least one certificate)");
  }

  X509Certificate certificate() {
    return chain.get(0);
  }

  /** Whether what the key signs is what the certificate verifies. */
  boolean fits() {
    String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    byte[] something = certificate().getSerialNumber().toByteArray();
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(certificate().getPublicKey());
      signature.update(something);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException anotherKind) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(algorithm + " is part of every JVM", e);
    }
  }

  /** What its owner should know of its time: not valid yet, not valid any more, or soon. */
  Optional<String> untimely(Instant now) {
    Instant from = certificate().getNotBefore().toInstant();
    Instant until = certificate().getNotAfter().toInstant();
    String name = certificate().getSubjectX500Principal().getName();
    if (now.isBefore(from)) return Optional.of("certificate of %s is not valid before %s; by this clock it is %s".formatted(name, from, now));
    if (now.isAfter(until)) return Optional.of("certificate of %s expired at %s; by this clock it is %s".formatted(name, until, now));
    if (now.plus(SOON).isAfter(until)) return Optional.of("certificate of %s expires at %s".formatted(name, until));
    return Optional.empty();
  }
}
