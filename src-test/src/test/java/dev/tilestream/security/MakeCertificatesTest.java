package dev.tilestream.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tilestream.fleet.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.TemporalUnitWithinOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code deploy/certificates/make-certificates}. */
class MakeCertificatesTest {
  @TempDir Path directory;
  private Certificates made;

  @BeforeEach
  void openssl() {
    assumeTrue(Certificates.possible(), "openssl is not on the path: no certificates can be made");
    made = new Certificates(directory.resolve("certificates"));
  }

  private X509Certificate read(String name) {
    return Pem.certificates("test", made.certificate(name)).get(0);
  }

  @Test
  void eachNodeGetsItsHostsAndTheDaysThatWereAskedFor() throws Exception {
    made.make("--days", "10", "edge-1=10.0.0.5,edge-1.local", "robot-1=fd00::1");
    X509Certificate edge = read("edge-1");
    assertThat(edge.getSubjectAlternativeNames()).extracting(name -> name.get(1)).isEqualTo(List.of("10.0.0.5", "edge-1.local"));
    assertThat(read("robot-1").getSubjectAlternativeNames()).extracting(name -> name.get(1)).isEqualTo(List.of("fd00:0:0:0:0:0:0:1"));
    Instant expected = Instant.now().plus(Duration.ofDays(10));
    assertThat(edge.getNotAfter().toInstant()).isCloseTo(expected, new TemporalUnitWithinOffset(1, java.time.temporal.ChronoUnit.HOURS));
    edge.verify(read("authority").getPublicKey());
    assertThat(edge.getBasicConstraints()).as("signs no others").isEqualTo(-1);
  }

  @Test
  void keysAreForTheirOwnerAloneAndNothingElseIsLeftBehind() throws IOException {
    made.make("edge-1=10.0.0.5");
    for (String name : Set.of("authority", "edge-1"))
      assertThat(Files.getPosixFilePermissions(made.key(name))).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (Stream<Path> files = Files.list(made.directory())) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("authority.pem", "authority.key", "edge-1.pem", "edge-1.key");
    }
  }

  @Test
  void laterNodesGetTheSameAuthorityAndNothingIsOverwritten() throws Exception {
    made.make("edge-1=10.0.0.5");
    byte[] key = Files.readAllBytes(made.key("edge-1"));
    made.make("robot-1=10.0.0.11");
    read("robot-1").verify(read("authority").getPublicKey());
    assertThatThrownBy(() -> made.make("robot-2=10.0.0.12", "edge-1=10.0.0.6")).hasMessageContaining("is not overwritten");
    assertThat(made.key("edge-1")).hasBinaryContent(key);
    assertThat(made.key("robot-2")).as("all or nothing").doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "edge-1", "edge-1=", "=10.0.0.5", "a/b=10.0.0.5", "../a=10.0.0.5", "authority=10.0.0.5", "a=10.0.0.256", "a=10.0.0.5,", "a=-host", "a=host_1",
    "a=DNS:b", "a=b\nDNS:c", "--days=3", "--nights"})
  void whatCannotBeANodeIsRefusedBeforeAnythingIsMade(String node) {
    assertThatThrownBy(() -> made.make("good=10.0.0.1", node)).isInstanceOf(IllegalStateException.class).hasMessageContaining("expected: ");
    assertThat(made.directory()).doesNotExist();
  }
}
