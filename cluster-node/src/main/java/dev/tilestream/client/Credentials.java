package dev.tilestream.client;

import dev.tilestream.security.Contexts;
import dev.tilestream.security.SecretFiles;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** What a client trusts, and what it shows. Its text says nothing of the token. */
public final class Credentials {
  /** The JVM's own authorities, and no token. */
  public static final Credentials NONE = new Credentials(Optional.empty(), Optional.empty());

  private final Optional<Path> authority;
  private final Optional<SSLContext> trust;
  private final Optional<String> token;

  /**
   * @param authority PEM file with the only authorities that are trusted; empty: those of the JVM
   * @throws dev.tilestream.security.SecurityFault when the file cannot be used, or the token cannot be one
   */
  public Credentials(Optional<Path> authority, Optional<String> token) {
    this.authority = authority;
    trust = authority.map(file -> Contexts.trusting("authority", file));
    this.token = token.map(text -> SecretFiles.checkedToken("token", text));
  }

  Optional<SSLContext> trust() {
    return trust;
  }

  /** In words. */
  String trusted() {
    return authority.map(file -> "an authority in " + file).orElse("an authority that this system trusts, or --authority FILE");
  }

  /** Whether a node is shown a token. */
  public boolean hasToken() {
    return token.isPresent();
  }

  /** The header of that name. */
  Optional<String> authorization() {
    return token.map(text -> "Bearer " + text);
  }

  @Override
  public String toString() {
    return "trusts %s, %s token".formatted(trusted(), token.isPresent() ? "a" : "no");
  }
}
