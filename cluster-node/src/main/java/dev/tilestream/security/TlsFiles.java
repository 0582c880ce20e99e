package dev.tilestream.security;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * Where the PEM files of one TLS face are.
 *
 * @param setting where they are set, e.g. {@code tilestream.api.tls}
 * @param authorities whose certificates are trusted; empty: nobody is asked for one
 */
public record TlsFiles(String setting, Path certificate, Path privateKey, Optional<Path> authorities) {
  private static final List<String> NAMES = List.of("certificate", "private-key", "authorities");

  /**
   * @param setting a block with {@code certificate}, {@code private-key} and perhaps {@code authorities}
   * @return empty when all of them are
   * @throws SecurityFault when some are
   */
  public static Optional<TlsFiles> from(Config config, String setting) {
    Config block = config.getConfig(setting);
    List<String> names = NAMES.stream().filter(block::hasPath).toList();
    List<String> missing = names.stream().filter(name -> block.getString(name).isBlank()).toList();
    if (missing.size() == names.size()) return Optional.empty();
    if (!missing.isEmpty())
      throw new SecurityFault("%s.%s: missing (expected: all of %s, or none)".formatted(setting, missing.get(0), String.join(", ", names)));
    Optional<Path> authorities = names.contains("authorities") ? Optional.of(Path.of(block.getString("authorities"))) : Optional.empty();
    return Optional.of(new TlsFiles(setting, Path.of(block.getString("certificate")), Path.of(block.getString("private-key")), authorities));
  }

  /** @throws SecurityFault when a file is missing, unreadable or not what it should be, or the key is not the certificate's */
  public SSLContext context() {
    return Contexts.of(identity(), authorities.map(file -> Pem.certificates(setting + ".authorities", file)));
  }

  private Identity identity() {
    Identity identity =
        new Identity(Pem.certificates(setting + ".certificate", certificate), Pem.privateKey(setting + ".private-key", privateKey));
    if (!identity.fits())
      throw new SecurityFault("%s.private-key: %s does not fit %s (expected: the key of that certificate)"
          .formatted(setting, privateKey, certificate));
    return identity;
  }

  /** What its owner should know: a certificate out of its time, a key that others can read. */
  public List<String> warnings(Instant now) {
    List<String> warnings = new ArrayList<>();
    identity().untimely(now).ifPresent(what -> warnings.add("%s: %s".formatted(setting, what)));
    if (SecretFiles.othersCanRead(privateKey))
      warnings.add("%s.private-key: %s can be read by everybody here (expected: mode 600)".formatted(setting, privateKey));
    return warnings;
  }

  List<Path> all() {
    return Stream.concat(Stream.of(certificate, privateKey), authorities.stream()).toList();
  }
}
