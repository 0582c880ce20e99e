package dev.tilestream.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.regex.Pattern;

/** Secrets in files: out of command lines, which everybody on a machine can read, and out of settings, which get copied about. */
public final class SecretFiles {
  /** What RFC 6750 lets a bearer token be made of. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");
  private static final int SHORTEST = 20;
  private static final int LONGEST = 500;
  private static final int LONGEST_FILE = 1 << 20;

  private SecretFiles() {}

  /**
   * One token a line; blank lines and those that begin with # are left out.
   *
   * @return at least one
   * @throws SecurityFault when there is none, one is refused, or the file cannot be read
   */
  public static List<String> tokens(String setting, Path file) {
    List<String> lines;
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LONGEST_FILE)
        throw new SecurityFault("%s: %s is too long (expected: at most %d bytes)".formatted(setting, file, LONGEST_FILE));
      lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new SecurityFault("%s: %s cannot be read (expected: a file with one token a line)".formatted(setting, file), e);
    }
    List<String> tokens = lines.stream().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
    if (tokens.isEmpty()) throw new SecurityFault("%s: %s holds no token (expected: one a line)".formatted(setting, file));
    for (int i = 0; i < tokens.size(); i++) checkedToken("%s: %s, token %d".formatted(setting, file, i + 1), tokens.get(i));
    return tokens;
  }

  /**
   * @param where it was found; the token itself is in no message
   * @throws SecurityFault when it is too short or long, or has characters that do not belong into a token
   */
  public static String checkedToken(String where, String token) {
    if (token.length() < SHORTEST || token.length() > LONGEST)
      throw new SecurityFault("%s: %d characters (expected: %d to %d; openssl rand -hex 32 makes a good one)"
          .formatted(where, token.length(), SHORTEST, LONGEST));
    if (!TOKEN.matcher(token).matches())
      throw new SecurityFault("%s: characters that no token has (expected: letters, digits, - . _ ~ + / and = at its end)".formatted(where));
    return token;
  }

  /** Whether what is in that file is no secret on this machine. */
  public static boolean othersCanRead(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }
}
