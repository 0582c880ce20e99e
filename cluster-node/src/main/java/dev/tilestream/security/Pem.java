package dev.tilestream.security;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files. Every failure is a {@link SecurityFault} that names the setting, the file and what was expected of it. */
final class Pem {
  private static final int LONGEST = 1 << 20;
  private static final List<String> KEYS = List.of("EC", "RSA");
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END [A-Z ]*PRIVATE KEY-----");

  private Pem() {}

  /** In the file's order; at least one. */
  static List<X509Certificate> certificates(String setting, Path file) {
    byte[] text = bytes(setting, file);
    try {
      List<X509Certificate> all = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(text)).stream()
          .map(X509Certificate.class::cast)
          .toList();
      if (!all.isEmpty()) return all;
    } catch (CertificateException e) {
      throw fault(setting, file, "holds no certificate that can be read", "PEM, 'BEGIN CERTIFICATE'", e);
    }
    throw fault(setting, file, "holds no certificate", "PEM, 'BEGIN CERTIFICATE'", null);
  }

  static PrivateKey privateKey(String setting, Path file) {
    Matcher key = KEY.matcher(new String(bytes(setting, file), StandardCharsets.ISO_8859_1));
    if (!key.find()) throw fault(setting, file, "holds no private key", "PEM, 'BEGIN PRIVATE KEY'", null);
    if (!key.group(1).isEmpty())
      throw fault(
          setting, file, "holds a key as '%sPRIVATE KEY'".formatted(key.group(1)),
          "PKCS #8, not encrypted; openssl pkcs8 -topk8 -nocrypt makes it", null);
    try {
      return decode(setting, file, Base64.getMimeDecoder().decode(key.group(2)));
    } catch (IllegalArgumentException e) {
      throw fault(setting, file, "holds a key that is not Base64", "PEM, 'BEGIN PRIVATE KEY'", null);
    }
  }

  private static PrivateKey decode(String setting, Path file, byte[] pkcs8) {
    for (String algorithm : KEYS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException another) {
        continue;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(algorithm + " is part of every JVM", e);
      }
    }
    throw fault(setting, file, "holds a key that cannot be read", String.join(" or ", KEYS), null);
  }

  private static byte[] bytes(String setting, Path file) {
    if (!Files.exists(file)) throw fault(setting, file, "does not exist", "a PEM file", null);
    if (!Files.isRegularFile(file)) throw fault(setting, file, "is no file", "a PEM file", null);
    try {
      if (Files.size(file) > LONGEST) throw fault(setting, file, "is too long", "at most %d bytes".formatted(LONGEST), null);
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw fault(setting, file, "cannot be read", "a PEM file that this user may read", e);
    }
  }

  private static SecurityFault fault(String setting, Path file, String what, String expected, Throwable cause) {
    return new SecurityFault("%s: %s %s (expected: %s)".formatted(setting, file, what, expected), cause);
  }
}
