package dev.tilestream.cli;

import dev.tilestream.client.Credentials;
import dev.tilestream.security.SecretFiles;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whom a command trusts and what it shows to a node. A token is never an argument: those can be read by everybody on the machine. */
final class CredentialOptions {
  private static final String TOKEN = "TILESTREAM_TOKEN";

  @Option(
      names = "--authority", paramLabel = "FILE", defaultValue = "${env:TILESTREAM_AUTHORITY}",
      description = "PEM file with whose certificates nodes must have, for https; or in TILESTREAM_AUTHORITY. Default: the system's.")
  private Path authority;

  @Option(
      names = "--token-file", paramLabel = "FILE",
      description = "The token to show to nodes is the file's first line. Default: what TILESTREAM_TOKEN holds.")
  private Path tokenFile;

  /** @throws dev.tilestream.security.SecurityFault when a file cannot be used */
  Credentials credentials() {
    return new Credentials(Optional.ofNullable(authority).filter(file -> !file.toString().isBlank()), token());
  }

  private Optional<String> token() {
    if (tokenFile != null) return Optional.of(SecretFiles.tokens("--token-file", tokenFile).get(0));
    return Optional.ofNullable(System.getenv(TOKEN)).filter(token -> !token.isBlank());
  }
}
