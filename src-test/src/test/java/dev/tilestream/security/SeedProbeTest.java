package dev.tilestream.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import dev.tilestream.fleet.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node that stays outside is told about each kind of seed. */
class SeedProbeTest {
  @TempDir static Path directory;
  private static Certificates fleet;
  private static Certificates others;

  @BeforeAll
  static void make() {
    assumeTrue(Certificates.possible(), "openssl is not on the path: no certificates can be made");
    fleet = new Certificates(directory.resolve("fleet")).make("robot-1=127.0.0.1", "edge-1=127.0.0.1");
    others = new Certificates(directory.resolve("others")).make("spy=127.0.0.1");
  }

  private interface Host {
    void welcome(Socket guest) throws IOException;
  }

  /** Takes one guest, by itself. */
  private static String ask(String settings, ServerSocketFactory sockets, Host host) throws IOException {
    try (ServerSocket socket = sockets.createServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      if (socket instanceof SSLServerSocket secured) secured.setNeedClientAuth(true);
      Thread serving = new Thread(() -> {
        try (Socket guest = socket.accept()) {
          host.welcome(guest);
        } catch (IOException refused) {
          return;
        }
      });
      serving.setDaemon(true);
      serving.start();
      return probe(settings).ask("127.0.0.1", socket.getLocalPort());
    }
  }

  private static SeedProbe probe(String settings) {
    return SeedProbe.from(ConfigFactory.parseString(settings).withFallback(ConfigFactory.defaultReference()).resolve());
  }

  private static ServerSocketFactory secured(Certificates authority, String name) {
    return ClusterTls.files(ConfigFactory.parseString(authority.cluster(name))).orElseThrow().context().getServerSocketFactory();
  }

  /** Reads until the guest has had enough. */
  private static void listen(Socket guest) throws IOException {
    guest.getInputStream().readAllBytes();
  }

  private static void hangUp(Socket guest) throws IOException {
    guest.getInputStream().readNBytes(5);
  }

  @Test
  void nobodyIsThere() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(probe("").ask("127.0.0.1", port)).isEqualTo("nobody answers");
  }

  @Test
  void oneSideHasNoCertificate() throws IOException {
    assertThat(ask("", secured(fleet, "edge-1"), SeedProbeTest::listen)).startsWith("it speaks TLS, and this node has no certificate");
    assertThat(ask(fleet.cluster("robot-1"), ServerSocketFactory.getDefault(), SeedProbeTest::hangUp)).startsWith("it hangs up on TLS");
  }

  @Test
  void oneSideRefusesTheOthersCertificate() throws IOException {
    assertThat(ask(fleet.cluster("robot-1"), secured(others, "spy"), SeedProbeTest::listen))
        .isEqualTo("this node refuses it: the certificate is of none of the authorities here");
    assertThat(ask(others.cluster("spy", fleet.authority()), secured(fleet, "edge-1"), SeedProbeTest::listen))
        .startsWith("it refuses this node's certificate: ");
  }

  @Test
  void itIsThereButSaysNothing() throws IOException {
    assertThat(ask(fleet.cluster("robot-1"), ServerSocketFactory.getDefault(), SeedProbeTest::listen)).isEqualTo("it does not answer in TLS");
  }

  @Test
  void theWayIsFree() throws IOException {
    assertThat(ask(fleet.cluster("robot-1"), secured(fleet, "edge-1"), SeedProbeTest::listen))
        .isEqualTo("it takes this node's certificate, but lets nobody in yet");
    assertThat(ask("", ServerSocketFactory.getDefault(), SeedProbeTest::listen)).isEqualTo("it is there, but lets nobody in yet");
  }
}
