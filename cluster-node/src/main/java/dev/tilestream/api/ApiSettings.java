package dev.tilestream.api;

import com.typesafe.config.Config;
import dev.tilestream.picture.PictureLimits;
import dev.tilestream.security.TlsFiles;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code tilestream.api} of the configuration; the meaning of each is in {@code reference.conf}.
 *
 * @param port 0 takes a free one
 * @param tls empty: HTTP in clear
 * @param maxBody bytes of one request body
 * @param maxJson bytes of JSON in one request
 * @param heapForBodies bytes of request bodies on the heap, over all requests
 * @param maxInFlight inference requests at one time
 * @param maxStreams cameras' streams at one time
 * @param maxPicture bytes of a picture file
 * @param bodyLeastRate bytes a second
 */
public record ApiSettings(
    String host,
    int port,
    Optional<TlsFiles> tls,
    Tokens tokens,
    long maxBody,
    long maxJson,
    long heapForBodies,
    int maxInFlight,
    int maxConnections,
    int maxStreams,
    long maxPicture,
    PictureLimits picture,
    Duration longestDeadline,
    Duration bodyIdleTimeout,
    long bodyLeastRate,
    Duration stopTimeout) {
  private static final String TLS = "tilestream.api.tls";

  /** @throws dev.tilestream.security.SecurityFault when certificates or tokens are named that cannot be used */
  public static ApiSettings from(Config config) {
    Config api = config.getConfig("tilestream.api");
    return new ApiSettings(
        api.getString("host"),
        api.getInt("port"),
        TlsFiles.from(config, TLS),
        Tokens.from(config),
        api.getBytes("max-body"),
        api.getBytes("max-json"),
        api.getBytes("heap-for-bodies"),
        api.getInt("max-in-flight"),
        api.getInt("max-connections"),
        api.getInt("max-streams"),
        api.getBytes("max-picture"),
        new PictureLimits(api.getInt("max-picture-side"), api.getLong("max-picture-pixels")),
        api.getDuration("longest-deadline"),
        api.getDuration("body-idle-timeout"),
        api.getBytes("body-least-rate"),
        api.getDuration("stop-timeout"));
  }

  public ApiSettings {
    if (port < 0 || port > 65_535) throw new IllegalArgumentException("tilestream.api.port: %d (expected: 0 to 65535)".formatted(port));
    positive("max-body", maxBody);
    positive("max-json", maxJson);
    positive("heap-for-bodies", heapForBodies);
    positive("max-in-flight", maxInFlight);
    positive("max-connections", maxConnections);
    positive("max-streams", maxStreams);
    positive("max-picture", maxPicture);
    positive("longest-deadline", longestDeadline.toMillis());
    positive("body-idle-timeout", bodyIdleTimeout.toMillis());
    positive("body-least-rate", bodyLeastRate);
    positive("stop-timeout", stopTimeout.toMillis());
    if (maxJson > Integer.MAX_VALUE)
      throw new IllegalArgumentException("tilestream.api.max-json: %d (expected: less than 2 GiB)".formatted(maxJson));
  }

  private static void positive(String name, long value) {
    if (value < 1) throw new IllegalArgumentException("tilestream.api.%s: %d (expected: above 0)".formatted(name, value));
  }

  /** The same on another address: what the command line says. */
  public ApiSettings at(String otherHost, int otherPort) {
    return new ApiSettings(
        otherHost, otherPort, tls, tokens, maxBody, maxJson, heapForBodies, maxInFlight, maxConnections, maxStreams, maxPicture, picture,
        longestDeadline, bodyIdleTimeout, bodyLeastRate, stopTimeout);
  }

  /** What it is called by. */
  public String scheme() {
    return tls.isPresent() ? "https" : "http";
  }

  /** Whether only this machine can reach it. A name that nobody knows does not count as that. */
  boolean loopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** What its owner should know before somebody else finds out. */
  public List<String> warnings(Instant now) {
    List<String> warnings = new ArrayList<>(tokens.warnings());
    tls.ifPresent(files -> warnings.addAll(files.warnings(now)));
    if (!loopback() && tokens.isEmpty())
      warnings.add(
          "HTTP at %s: everybody who reaches it may infer, and loading and unloading is refused (expected: tilestream.api.tokens)".formatted(host));
    if (!loopback() && tls.isEmpty())
      warnings.add("HTTP at %s is not encrypted: pictures, answers and tokens can be read on the way (expected: %s)".formatted(host, TLS));
    return warnings;
  }
}
