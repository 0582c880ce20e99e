package dev.tilestream.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.fleet.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterTlsTest {
  @TempDir static Path directory;
  private static Certificates fleet;
  private static Certificates others;

  @BeforeAll
  static void make() {
    assumeTrue(Certificates.possible(), "openssl is not on the path: no certificates can be made");
    fleet = new Certificates(directory.resolve("fleet")).make("robot-1=127.0.0.1", "edge-1=127.0.0.2,edge-1.local").makeExpired("old", "127.0.0.1");
    others = new Certificates(directory.resolve("others")).make("stranger=127.0.0.1");
  }

  private static ClusterTls tls(String settings) {
    return new ClusterTls(config(settings));
  }

  private static Config config(String settings) {
    return ConfigFactory.parseString(settings).withFallback(ConfigFactory.defaultReference()).resolve();
  }

  private static void meet(ClusterTls caller, String host, ClusterTls called) throws SSLException {
    Handshake.of(caller.createClientSSLEngine(host, 1), called.createServerSSLEngine("0.0.0.0", 1));
  }

  @Test
  void membersOfOneAuthorityTrustEachOtherAtTheHostsOfTheirCertificates() throws SSLException {
    ClusterTls robot = tls(fleet.cluster("robot-1"));
    ClusterTls edge = tls(fleet.cluster("edge-1"));
    meet(robot, "127.0.0.2", edge);
    meet(robot, "edge-1.local", edge);
    meet(edge, "127.0.0.1", robot);
  }

  @Test
  void aMemberDoesNotPassForAnother() throws SSLException {
    ClusterTls robot = tls(fleet.cluster("robot-1"));
    ClusterTls edge = tls(fleet.cluster("edge-1"));
    assertThatThrownBy(() -> meet(robot, "127.0.0.1", edge)).isInstanceOf(SSLException.class).hasMessageContaining("127.0.0.1");
    meet(tls(fleet.cluster("robot-1") + "tilestream.security.cluster.verify-host = off"), "127.0.0.1", edge);
  }

  @Test
  void neitherSideTakesACertificateOfAnotherAuthority() {
    ClusterTls robot = tls(fleet.cluster("robot-1"));
    ClusterTls stranger = tls(others.cluster("stranger"));
    ClusterTls spy = tls(others.cluster("stranger", fleet.authority()));
    assertThatThrownBy(() -> meet(stranger, "127.0.0.1", robot)).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> meet(spy, "127.0.0.1", robot)).isInstanceOf(SSLException.class)
        .satisfies(e -> assertThat(Reasons.of(e)).isEqualTo("the certificate is of none of the authorities here"));
    assertThatThrownBy(() -> meet(robot, "127.0.0.1", spy)).isInstanceOf(SSLException.class);
  }

  @Test
  void neitherSideTakesAnExpiredCertificate() {
    ClusterTls robot = tls(fleet.cluster("robot-1"));
    ClusterTls old = tls(fleet.cluster("old"));
    for (Runnable meeting : new Runnable[] {() -> unchecked(old, robot), () -> unchecked(robot, old)})
      assertThatThrownBy(meeting::run).hasRootCauseInstanceOf(java.security.cert.CertificateExpiredException.class);
    TlsFiles files = ClusterTls.files(config(fleet.cluster("old"))).orElseThrow();
    assertThat(files.warnings(Instant.now())).singleElement().asString().contains("expired at");
  }

  private static void unchecked(ClusterTls caller, ClusterTls called) {
    try {
      meet(caller, "127.0.0.1", called);
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoHasNoCertificateIsRefused() {
    SSLEngine bare = Contexts.trusting("test", fleet.authority()).createSSLEngine("127.0.0.1", 1);
    bare.setUseClientMode(true);
    SSLEngine robot = tls(fleet.cluster("robot-1")).createServerSSLEngine("0.0.0.0", 1);
    assertThatThrownBy(() -> Handshake.of(bare, robot)).isInstanceOf(SSLException.class).hasMessageContaining("Empty client certificate chain");
  }

  @Test
  void aNewCertificateCountsWithoutARestartAndABrokenOneDoesNot() throws IOException {
    Certificates renewed = new Certificates(directory.resolve("renewed")).make("node=127.0.0.1");
    ClusterTls node = tls(renewed.cluster("node", fleet.authority()));
    ClusterTls robot = tls(fleet.cluster("robot-1"));
    assertThatThrownBy(() -> meet(node, "127.0.0.1", robot)).isInstanceOf(SSLException.class);

    replace(fleet.certificate("edge-1"), renewed.certificate("node"));
    SSLContext before = node.context();
    assertThatThrownBy(() -> meet(node, "127.0.0.1", robot)).as("the key is still the old one").isInstanceOf(SSLException.class);
    replace(fleet.key("edge-1"), renewed.key("node"));
    assertThatCode(() -> meet(node, "127.0.0.1", robot)).doesNotThrowAnyException();
    assertThat(node.context()).isNotSameAs(before).isSameAs(node.context());
  }

  private static void replace(Path from, Path to) throws IOException {
    FileTime before = Files.getLastModifiedTime(to);
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(to, FileTime.from(before.toInstant().plusSeconds(1)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      certificate = ""                  | cluster.certificate: missing (expected: all of certificate, private-key, authorities, or none)
      private-key = ""                  | cluster.private-key: missing
      certificate = /nowhere/a.pem      | cluster.certificate: /nowhere/a.pem does not exist (expected: a PEM file)
      private-key = /                   | cluster.private-key: / is no file
      private-key = FLEET/edge-1.key    | robot-1.pem (expected: the key of that certificate)
      private-key = FLEET/robot-1.pem   | holds no private key (expected: PEM, 'BEGIN PRIVATE KEY')
      certificate = FLEET/robot-1.key   | holds no certificate
      authorities = FLEET/robot-1.key   | cluster.authorities: FLEET/robot-1.key holds no certificate
      private-key = FLEET/sealed.key    | holds a key as 'ENCRYPTED PRIVATE KEY' (expected: PKCS #8, not encrypted
      private-key = FLEET/torn.key      | holds a key that cannot be read (expected: EC or RSA)
      """)
  void whatCannotBeUsedIsSaidInOneLine(String setting, String message) throws IOException {
    Files.writeString(fleet.directory().resolve("sealed.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    Files.writeString(fleet.directory().resolve("torn.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    String named = setting.replace("FLEET", fleet.directory().toString()).replaceFirst("= (/.*)", "= \"$1\"");
    assertThatThrownBy(() -> tls(fleet.cluster("robot-1") + "tilestream.security.cluster." + named))
        .isInstanceOf(SecurityFault.class)
        .hasMessageContaining(message.replace("FLEET", fleet.directory().toString()))
        .message().hasLineCount(1);
  }

  @Test
  void aKeyThatEverybodyCanReadIsNoSecret() throws IOException {
    Certificates open = new Certificates(directory.resolve("open")).make("node=127.0.0.1");
    TlsFiles files = ClusterTls.files(config(open.cluster("node"))).orElseThrow();
    assertThat(files.warnings(Instant.now())).as("as the script makes it").isEmpty();
    Files.setPosixFilePermissions(open.key("node"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(files.warnings(Instant.now())).singleElement().asString().contains("can be read by everybody");
  }
}
