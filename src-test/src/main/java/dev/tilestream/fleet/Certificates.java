package dev.tilestream.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority of a test's own and what it signs, made by {@code deploy/certificates/make-certificates} as users make theirs. */
public record Certificates(Path directory) {
  private static final long PATIENCE_SECONDS = 60;

  /** Whether this machine has what it takes. */
  public static boolean possible() {
    try {
      run(List.of("openssl", "version"));
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** @param nodes as the script takes them: {@code NAME=HOST[,HOST...]} */
  public Certificates make(String... nodes) {
    List<String> command = new ArrayList<>(List.of(script().toString(), "--out", directory.toString()));
    command.addAll(List.of(nodes));
    run(command);
    return this;
  }

  /** One that expired yesterday, which the script does not make. */
  public Certificates makeExpired(String name, String address) {
    try {
      Files.writeString(
          directory.resolve(name + ".extensions"), "extendedKeyUsage = serverAuth, clientAuth\nsubjectAltName = IP:%s\n".formatted(address));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String request = directory.resolve(name + ".csr").toString();
    run(List.of("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key(name).toString()));
    run(List.of("openssl", "req", "-new", "-key", key(name).toString(), "-subj", "/O=Tilestream/CN=" + name, "-out", request));
    run(List.of(
        "openssl", "x509", "-req", "-in", request, "-CA", authority().toString(), "-CAkey", key("authority").toString(), "-days", "-1",
        "-extfile", directory.resolve(name + ".extensions").toString(), "-out", certificate(name).toString()));
    return this;
  }

  public Path authority() {
    return certificate("authority");
  }

  public Path certificate(String name) {
    return directory.resolve(name + ".pem");
  }

  public Path key(String name) {
    return directory.resolve(name + ".key");
  }

  /** Settings of a member with that certificate, whom it trusts named apart. */
  public String cluster(String name, Path authorities) {
    return "tilestream.security.cluster {certificate = \"%s\", private-key = \"%s\", authorities = \"%s\"}\n"
        .formatted(certificate(name), key(name), authorities);
  }

  /** Settings of a member with that certificate. */
  public String cluster(String name) {
    return cluster(name, authority());
  }

  /** Settings of HTTPS with that certificate. */
  public String https(String name) {
    return "tilestream.api.tls {certificate = \"%s\", private-key = \"%s\"}\n".formatted(certificate(name), key(name));
  }

  private static Path script() {
    String home = System.getProperty("tilestream.home", Path.of(System.getProperty("basedir", "."), "..").toString());
    return Path.of(home, "deploy", "certificates", "make-certificates").toAbsolutePath().normalize();
  }

  private static void run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly();
      else if (process.exitValue() == 0) return;
      throw new IllegalStateException("%s: %s".formatted(command, output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
