package dev.tilestream.security;

import com.typesafe.config.Config;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/**
 * Finds out why a member does not let this node in. Akka tries on in silence; a person wants to know whether nobody is there, one side has
 * no certificate, or which side refuses which. Blocking, for some seconds at most.
 */
public final class SeedProbe {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int TLS_ALERT = 21;
  private static final int TLS_HANDSHAKE = 22;

  private final Optional<ClusterTls> tls;

  private SeedProbe(Optional<ClusterTls> tls) {
    this.tls = tls;
  }

  /** As a node with that configuration would call. @throws SecurityFault as {@link ClusterTls} */
  public static SeedProbe from(Config config) {
    return new SeedProbe(ClusterTls.files(config).map(files -> new ClusterTls(config)));
  }

  /** What stands in the way to the member there, or seems to. */
  public String ask(String host, int port) {
    try (Socket socket = new ListeningSocket()) {
      socket.connect(new InetSocketAddress(host, port), (int) PATIENCE.toMillis());
      socket.setSoTimeout((int) PATIENCE.toMillis());
      return tls.isPresent() ? askInTls(tls.get(), socket, host, port) : askInClear(socket);
    } catch (ConnectException | SocketTimeoutException e) {
      return "nobody answers";
    } catch (IOException e) {
      return "it cannot be reached: " + e.getMessage();
    }
  }

  private static String askInTls(ClusterTls tls, Socket socket, String host, int port) throws IOException {
    try (SSLSocket secured = (SSLSocket) tls.context().getSocketFactory().createSocket(socket, host, port, true)) {
      secured.setUseClientMode(true);
      secured.setSSLParameters(tls.clientParameters());
      secured.startHandshake();
      return opinion(secured);
    } catch (SocketTimeoutException silent) {
      return "it does not answer in TLS";
    } catch (SSLException e) {
      return inWords(e);
    } catch (SocketException e) {
      return "it hangs up: " + e.getMessage();
    }
  }

  /** What it thinks of this node's certificate comes after the handshake, and only if it dislikes it. */
  private static String opinion(SSLSocket secured) throws IOException {
    try {
      return secured.getInputStream().read() < 0 ? "it hangs up" : "it lets nobody in yet";
    } catch (SocketTimeoutException silent) {
      return "it takes this node's certificate, but lets nobody in yet";
    }
  }

  private static String inWords(SSLException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("fatal alert")) return "it refuses this node's certificate: " + message;
    if (failure.getCause() instanceof EOFException || message.contains("unrecognized SSL message"))
      return "it hangs up on TLS; does it speak in clear? (expected there: " + ClusterTls.SETTING + ")";
    return "this node refuses it: " + Reasons.of(failure);
  }

  private static String askInClear(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(clientHello());
    out.flush();
    int answer;
    try {
      answer = socket.getInputStream().read();
    } catch (SocketTimeoutException silent) {
      answer = -1;
    }
    return answer == TLS_HANDSHAKE || answer == TLS_ALERT
        ? "it speaks TLS, and this node has no certificate (expected: " + ClusterTls.SETTING + ")"
        : "it is there, but lets nobody in yet";
  }

  /** How every conversation in TLS begins. */
  private static byte[] clientHello() throws SSLException {
    try {
      SSLEngine engine = SSLContext.getDefault().createSSLEngine();
      engine.setUseClientMode(true);
      ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
      engine.wrap(ByteBuffer.allocate(0), hello);
      byte[] bytes = new byte[hello.position()];
      hello.flip().get(bytes);
      return bytes;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("TLS is part of every JVM", e);
    }
  }
}
