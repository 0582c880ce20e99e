package dev.tilestream.fuzz;

import dev.tilestream.scheduler.ModelStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** A whole HTTP request as bytes: its line, its headers, how its body is framed and packed, and the body. */
final class HostileRequest {
  private static final List<String> METHODS = List.of("POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "TRACE", "", "post", "P\0ST");
  private static final List<String> PATHS = List.of(
      "/v2/models/good/infer", "/v2/models/good/versions/1/infer", "/v2/models/good", "/v2/models/good/ready", "/v2/models/nobody/infer",
      "/v2",
      "/v2/health/ready", "/v2/repository/index", "/v2/repository/models/nobody/load", "/v2/repository/models/../load", "/api/status",
      "/api/plans", "/",
      "/v2/models/%2e%2e%2fgood/infer", "/v2/models/%zz/infer", "//", "*", "", "/v2/models/good/infer?strategy=even&strategy=even",
      "/api/plans?model=%00",
      "/v2/models/" + "a".repeat(5000), "http://x/v2", "/v2/models/\u00e9/infer");
  private static final String PICTURES = "/v2/models/colours/infer";
  private static final List<String> QUERIES = List.of(
      "", "", "?strategy=local", "?deadline_ms=1e9", "?halo=99999999999", "?objective=fame", "?timeline=maybe", "?a=b", "?strategy=%", "?=&&");
  private static final List<String> TYPES = List.of(
      "application/json", "application/octet-stream", "image/png", "image/jpeg", "text/plain; charset=utf-16", "a/b", "multipart/form-data",
      "\0", "/");

  private final Dice dice;
  private final List<String> headers = new ArrayList<>();
  private byte[] body = new byte[0];

  HostileRequest(Dice dice) {
    this.dice = dice;
  }

  /** @param model that "good" is */
  byte[] write(ModelStatus model) {
    String line = dice.chance(0.6) ? "POST /v2/models/good/infer HTTP/1.1" : dice.one(METHODS) + " " + dice.one(PATHS) + " HTTP/1.1";
    if (dice.chance(0.25)) line = picture();
    else tensors(model);
    if (dice.chance(0.05)) line = line.replace("1.1", dice.oneOf("1.0", "2.0", "9.9", "x"));
    pack();
    byte[] framed = framed();
    headers.add("Host: x");
    headers.add("Connection: close");
    if (dice.chance(0.1)) headers.add(dice.oneOf(
        "Expect: 100-continue", "Accept: \0", "X: " + "y".repeat(20_000), ": x", "Upgrade: h2c", "Range: bytes=0-", "Content-Type: a/b", " folded"));
    if (dice.chance(0.02)) for (int i = 0; i < 500; i++) headers.add("h" + i + ": v");
    byte[] head = (line + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    byte[] whole = joined(head, framed);
    return dice.chance(0.1) ? dice.breakBytes(whole, head) : whole;
  }

  private void tensors(ModelStatus model) {
    boolean binary = dice.chance(0.4);
    HostileJson json = new HostileJson(dice, model, binary);
    body = json.write();
    if (binary) {
      headers.add("Inference-Header-Content-Length: " + (dice.chance(0.9) ? body.length : dice.extreme()));
      body = joined(body, dice.bytes((int) json.binaryBytes()));
    }
    headers.add("Content-Type: " + (dice.chance(0.9) ? dice.oneOf("application/json", "application/octet-stream") : dice.one(TYPES)));
  }

  private String picture() {
    boolean png = dice.chance(0.5);
    body = png ? Samples.png(dice) : Samples.jpeg(dice);
    if (dice.chance(0.5)) body = png ? new HostilePng(dice).hurt(body) : new HostileJpeg(dice).hurt(body);
    headers.add("Content-Type: " + (dice.chance(0.9) ? png ? "image/png" : "image/jpeg" : dice.one(TYPES)));
    return "POST " + PICTURES + dice.one(QUERIES) + " HTTP/1.1";
  }

  private void pack() {
    if (dice.chance(0.85)) return;
    headers.add("Content-Encoding: " + dice.oneOf("gzip", "gzip", "deflate", "br", "gzip, gzip", "\0"));
    if (dice.chance(0.2)) return;
    byte[] plain = dice.chance(0.2) ? new byte[dice.oneOf(1, 20, 80) << 20] : body;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    body = out.toByteArray();
  }

  /** By its length, or in chunks; now and then by neither, both, or another length. */
  private byte[] framed() {
    boolean chunked = dice.chance(0.3);
    boolean lies = dice.chance(0.1);
    if (chunked) headers.add("Transfer-Encoding: " + (lies ? dice.oneOf("chunked, chunked", "identity", "x") : "chunked"));
    if (!chunked || lies) headers.add("Content-Length: " + (lies ? dice.extreme() : body.length));
    if (!chunked) return body;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int most = dice.oneOf(1, 50, 4096);
    if (body.length > 5000) most = 4096;
    for (int at = 0; at < body.length; at += most) {
      int n = Math.min(most, body.length - at);
      String size = dice.chance(0.002) ? Long.toHexString(dice.extreme()) : Integer.toHexString(n);
      out.writeBytes((size + (dice.chance(0.01) ? ";ext=" + "e".repeat(300) : "") + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body, at, n);
      out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] out = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }
}
