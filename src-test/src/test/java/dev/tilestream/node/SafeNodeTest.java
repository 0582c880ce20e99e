package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.cli.Tilestream;
import dev.tilestream.client.Credentials;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.fleet.Certificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A node with HTTPS and tokens, and those who call it from the command line and from code. */
class SafeNodeTest {
  private static final String INFER = "infer-0123456789abcdef";
  private static final String ADMIN = "admin-0123456789abcdef";

  @TempDir static Path directory;
  private static Certificates fleet;
  private static Certificates others;
  private static NodeMain node;
  private static URI url;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(Certificates.possible(), "openssl is not on the path: no certificates can be made");
    fleet = new Certificates(directory.resolve("fleet")).make("robot-1=127.0.0.1");
    others = new Certificates(directory.resolve("others")).make("robot-1=127.0.0.1");
    for (String token : List.of(INFER, ADMIN)) Files.writeString(directory.resolve(token), token + "\n");
    node = NodeMain.start(
        settings("127.0.0.1", "127.0.0.1"),
        config(fleet.cluster("robot-1") + fleet.https("robot-1") + "tilestream.api.tokens {infer = [%s], admin = [%s]}".formatted(INFER, ADMIN)));
    url = URI.create("%s://127.0.0.1:%d".formatted(node.httpScheme(), node.httpAddress().getPort()));
  }

  @AfterAll
  static void stop() {
    if (node != null) node.close();
  }

  private static Config config(String settings) {
    return ConfigFactory.parseString(settings + "\ntilestream.node.cache-directory = \"%s\"".formatted(directory.resolve("cache")))
        .withFallback(ConfigFactory.load()).resolve();
  }

  private static NodeSettings settings(String host, String httpHost) {
    return settings(host, httpHost, 0);
  }

  private static NodeSettings settings(String host, String httpHost, int metricsPort) {
    return new NodeSettings(
        NodeSettings.Role.ROBOT, "robot-1", host, 0, List.of(), httpHost, 0, metricsPort, directory.resolve("models"), 1, 1, Optional.empty(), 0);
  }

  private static NodeClient client(Certificates trusted, String token) {
    return new NodeClient(url, new Credentials(Optional.of(trusted.authority()), Optional.ofNullable(token)));
  }

  private int run(String... arguments) {
    CommandLine program = Tilestream.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return program.execute(arguments);
  }

  @Test
  void aClientThatTrustsItsAuthorityIsAnsweredAsItsTokenSays() throws Exception {
    assertThat(url).hasScheme("https");
    assertThat(client(fleet, INFER).index()).isEmpty();
    assertThat(client(fleet, null).ready()).as("health is for everybody").isEqualTo(node.ready());
    assertThatThrownBy(() -> client(fleet, null).index()).isInstanceOfSatisfying(NodeFailure.class, e -> assertThat(e.status()).isEqualTo(401));
    assertThatThrownBy(() -> client(fleet, INFER).load("m")).isInstanceOfSatisfying(NodeFailure.class, e -> assertThat(e.status()).isEqualTo(403));
    assertThatThrownBy(() -> client(fleet, ADMIN).load("m")).isInstanceOfSatisfying(NodeFailure.class, e -> assertThat(e.status()).isEqualTo(404));
  }

  @Test
  void aClientTellsNothingToANodeOfAnotherAuthority() {
    assertThatThrownBy(() -> client(others, ADMIN).index())
        .isInstanceOfSatisfying(NodeFailure.class, e -> assertThat(e.status()).as("no answer").isZero())
        .hasMessageContaining("the certificate is of none of the authorities here (expected: a certificate for that host by an authority in");
    assertThatThrownBy(() -> new NodeClient(url, Credentials.NONE).index()).hasMessageContaining("--authority FILE");
    URI otherName = URI.create(url.toString().replace("127.0.0.1", "localhost"));
    assertThatThrownBy(() -> new NodeClient(otherName, new Credentials(Optional.of(fleet.authority()), Optional.of(ADMIN))).index())
        .hasMessageContaining("localhost");
  }

  @Test
  void commandsTakeAnAuthorityAndATokenFromFiles() {
    String[] list = {"models", "list", "--json", "--url", url.toString(), "--authority", fleet.authority().toString(), "--token-file", ""};
    list[list.length - 1] = directory.resolve(INFER).toString();
    assertThat(run(list)).as(err.toString()).isZero();
    assertThat(out).hasToString("[]\n");
    list[6] = others.authority().toString();
    assertThat(run(list)).isEqualTo(1);
    assertThat(err.toString()).hasLineCount(1).contains("none of the authorities here");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --authority /nowhere  | authority: /nowhere does not exist (expected: a PEM file)
      --token-file /nowhere | --token-file: /nowhere cannot be read (expected: a file with one token a line)
      """)
  void commandsSayWhichFileCannotBeUsed(String options, String message) {
    assertThat(run(("models list --url " + url + " " + options).split(" "))).isEqualTo(1);
    assertThat(err.toString()).hasLineCount(1).contains(message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      tilestream.api.tls.certificate = /nowhere/a.pem    | tls.private-key: missing (expected: all of certificate, private-key, or none)
      tilestream.api.tls {certificate = "/no", private-key = "/no"} | tls.certificate: /no does not exist (expected: a PEM file)
      tilestream.api.tokens.admin = [secret]             | tokens.admin, number 1: 6 characters (expected: 20 to 500
      tilestream.security.cluster.authorities = /nowhere | cluster.certificate: missing
      tilestream.tile.retention = 5 minutes              | retention: PT5M (expected: above tilestream.api.longest-deadline, PT5M)
      tilestream.api.tokens.infer = secret               | infer has type STRING rather than LIST
      """)
  void aNodeDoesNotStartWithWhatCannotBeUsed(String settings, String message) throws IOException {
    Path file = Files.writeString(directory.resolve("bad.conf"), settings.replaceAll("= (/\\S+)", "= \"$1\""));
    int status = run(
        "node", "--role", "robot", "--name", "a", "--port", "0", "--http-port", "0", "--metrics-port", "0", "--repository",
        directory.resolve("models").toString(), "--config", file.toString());
    assertThat(status).isEqualTo(1);
    assertThat(err.toString()).hasLineCount(1).startsWith("tilestream: ").contains(message).doesNotContain("secret");
  }

  @Test
  void aNodeThatOthersReachWarnsOfEverythingThatIsOpen() {
    List<String> warnings = SafetyCheck.warnings(settings("10.0.0.11", "0.0.0.0", 9095), config(""), Instant.now());
    assertThat(warnings).hasSize(4)
        .satisfiesOnlyOnce(w -> assertThat(w).contains("metrics at 0.0.0.0, port 9095"))
        .satisfiesOnlyOnce(w -> assertThat(w).contains("at 10.0.0.11 in clear", "(expected: tilestream.security.cluster)"));
    assertThat(SafetyCheck.warnings(settings("127.0.0.1", "localhost", 9095), config(""), Instant.now())).isEmpty();
    String safe = fleet.cluster("robot-1") + fleet.https("robot-1") + "tilestream.api.tokens.infer = [%s]".formatted(INFER);
    assertThat(SafetyCheck.warnings(settings("10.0.0.11", "0.0.0.0"), config(safe), Instant.now())).isEmpty();
  }
}
