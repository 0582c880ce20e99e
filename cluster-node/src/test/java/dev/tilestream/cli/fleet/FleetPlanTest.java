package dev.tilestream.cli.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.cli.fleet.FleetPlan.Member;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetPlanTest {
  private static FleetPlan plan(int robots, int edges, int httpPort) {
    return new FleetPlan(
        robots, edges, Path.of("models"), "127.0.0.1", httpPort, 0, 0.1, 1,
        Optional.of(LinkRate.parse("93mbit")), Duration.ofMillis(1), false);
  }

  @Test
  void robotsComeBeforeEdgesAndEachHasItsOwnSpeed() throws IOException {
    List<Member> members = plan(2, 2, 0).members();
    assertThat(members).extracting(Member::name).containsExactly("robot-1", "robot-2", "edge-1", "edge-2");
    assertThat(members).extracting(Member::speed).containsExactly(0.1, 0.1, 1.0, 1.0);
  }

  @Test
  void noTwoPortsAreTheSame() throws IOException {
    List<Member> members = plan(5, 5, 0).members();
    assertThat(members.stream().flatMap(m -> List.of(m.port(), m.http().getPort(), m.metricsPort()).stream()))
        .doesNotHaveDuplicates().hasSize(30);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> plan(1, 0, taken.getLocalPort()).members())
          .isInstanceOf(IOException.class).hasMessageContaining("port " + taken.getLocalPort());
    }
  }

  @Test
  void theCommandOfANodeStartsWithItsRoleAndName() throws IOException {
    FleetPlan plan = plan(1, 1, 0);
    Member edge = plan.members().get(1);
    List<String> command = NodeProcess.command(Path.of("/opt/tilestream"), plan, edge, "127.0.0.1:1,127.0.0.1:2");
    assertThat(command).startsWith("/opt/tilestream", "node", "--role", "edge", "--name", "edge-1");
    assertThat(command)
        .containsSubsequence("--expect", "2")
        .containsSubsequence("--rate", "93mbit").containsSubsequence("--delay", "1000us");
    assertThat(command).doesNotContain("--speed");
  }

  @Test
  void nodesWithACertificateAreAskedOverHttps(@TempDir Path directory) throws IOException {
    Path config = Files.writeString(directory.resolve("node.conf"), "tilestream.api.tls {certificate = a.pem, private-key = a.key}");
    FleetPlan plan = new FleetPlan(
        1, 0, Path.of("models"), "127.0.0.1", 0, 0, 1, 1, Optional.empty(), Duration.ZERO, false, Optional.of(config));
    assertThat(plan.members()).singleElement().satisfies(member -> assertThat(member.http()).hasScheme("https"));
    assertThat(plan(1, 0, 0).members()).singleElement().satisfies(member -> assertThat(member.http()).hasScheme("http"));
  }
}
