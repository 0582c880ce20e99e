package dev.tilestream.api;

import com.typesafe.config.Config;
import dev.tilestream.security.SecurityFault;
import dev.tilestream.security.SecretFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bearer tokens that a node knows, and the role of each. Only their hashes are kept, and no way leads from them to a text: what is not
 * there cannot get into a log.
 */
public final class Tokens {
  private static final String SETTING = "tilestream.api.tokens";

  private record Known(byte[] sha256, Role role) {}

  private final List<Known> known;
  private final List<Path> files;

  private Tokens(List<Known> known, List<Path> files) {
    this.known = List.copyOf(known);
    this.files = List.copyOf(files);
  }

  /**
   * {@code tilestream.api.tokens}: of each role a list and a file.
   *
   * @throws SecurityFault when a token is too short or has other characters than tokens may have, or a file cannot be read
   */
  static Tokens from(Config config) {
    Config block = config.getConfig(SETTING);
    List<Known> known = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    for (Role role : Role.values()) {
      String setting = SETTING + "." + role.word();
      List<String> listed = block.getStringList(role.word());
      for (int i = 0; i < listed.size(); i++)
        known.add(known(SecretFiles.checkedToken("%s, number %d".formatted(setting, i + 1), listed.get(i)), role));
      String file = block.getString(role.word() + "-file");
      if (file.isBlank()) continue;
      files.add(Path.of(file));
      for (String token : SecretFiles.tokens(setting + "-file", Path.of(file))) known.add(known(token, role));
    }
    return new Tokens(known, files);
  }

  private static Known known(String token, Role role) {
    return new Known(sha256(token), role);
  }

  boolean isEmpty() {
    return known.isEmpty();
  }

  /** Empty when nobody here knows it. Takes as long for any token of that length, right or wrong, wherever it differs. */
  Optional<Role> roleOf(String token) {
    byte[] hash = sha256(token);
    Role found = null;
    for (Known each : known) {
      boolean same = MessageDigest.isEqual(each.sha256, hash);
      if (same && (found == null || each.role.may(found))) found = each.role;
    }
    return Optional.ofNullable(found);
  }

  /** What their owner should know: files that others can read. */
  List<String> warnings() {
    return files.stream()
        .filter(SecretFiles::othersCanRead)
        .map(file -> "%s: %s can be read by everybody here (expected: mode 600)".formatted(SETTING, file))
        .toList();
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every JVM", e);
    }
  }

  @Override
  public String toString() {
    return "%d tokens".formatted(known.size());
  }
}
