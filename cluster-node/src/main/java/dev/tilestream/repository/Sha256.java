package dev.tilestream.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** SHA-256 as 64 lower-case hex digits: the identity of a model's content. */
public final class Sha256 {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  private Sha256() {}

  public static String ofFile(Path file) throws IOException {
    MessageDigest digest = digest();
    byte[] chunk = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n; (n = in.read(chunk)) >= 0; ) digest.update(chunk, 0, n);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  public static boolean isOne(String text) {
    return text != null && HEX.matcher(text).matches();
  }

  /** @throws IllegalArgumentException when it is not 64 lower-case hex digits */
  public static String check(String sha256) {
    if (!HEX.matcher(sha256).matches())
      throw new IllegalArgumentException("sha-256: %d characters (expected: 64 lower-case hex digits)".formatted(sha256.length()));
    return sha256;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: every Java has it", e);
    }
  }
}
