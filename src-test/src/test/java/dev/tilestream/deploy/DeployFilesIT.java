package dev.tilestream.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.cli.settings.SettingsReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in {@code deploy}: what can't be run here is checked for what goes wrong most. */
class DeployFilesIT {
  private static final Path HOME = Path.of(System.getProperty("tilestream.home"));
  private static final YAMLMapper YAML = new YAMLMapper();

  @TempDir Path directory;

  private static String text(String file) throws IOException {
    return Files.readString(HOME.resolve(file));
  }

  /** Instructions with their lines joined, comments left out. */
  private static List<String> instructions(String dockerfile) {
    String joined = dockerfile.lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n")).replace("\\\n", " ");
    return joined.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  @Test
  void theImageIsPinnedRunsAsNobodySpecialAndIsWatched() throws IOException {
    List<String> instructions = instructions(text("deploy/container/Dockerfile"));
    List<String> bases = instructions.stream().filter(i -> i.startsWith("FROM ")).toList();
    assertThat(bases).hasSize(2).allMatch(from -> from.matches("FROM \\S+:[0-9][^ ]*( AS \\w+)?"));
    int last = instructions.lastIndexOf(bases.get(1));
    List<String> shipped = instructions.subList(last, instructions.size());
    assertThat(shipped).anyMatch(i -> i.matches("USER [1-9]\\d+:[1-9]\\d+"));
    assertThat(shipped).anyMatch(i -> i.startsWith("HEALTHCHECK ") && i.contains("/v2/health/live"));
    assertThat(shipped).filteredOn(i -> i.startsWith("ENTRYPOINT") || i.startsWith("CMD")).allMatch(i -> i.matches("\\w+ \\[.*]"));
    assertThat(instructions).filteredOn(i -> i.contains("apt-get install"))
        .allMatch(i -> i.contains("--no-install-recommends") && i.contains("rm -rf /var/lib/apt/lists/*") && i.contains("apt-get update"));
    assertThat(instructions).noneMatch(i -> i.startsWith("ADD ") || i.contains("sudo ") || i.startsWith("MAINTAINER"));
    for (String copied : List.of("tensor-serde", "operator-actors", "scheduler", "dashboards", "cluster-node", "tilestream"))
      assertThat(instructions).as("copied").anyMatch(i -> i.startsWith("COPY") && i.contains(copied));
  }

  private static List<JsonNode> documents(String file) throws IOException {
    try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(HOME.resolve(file).toFile())) {
      return all.readAll();
    }
  }

  @Test
  void everyYamlFileIsOne() throws IOException {
    try (Stream<Path> files = Files.walk(HOME.resolve("deploy"))) {
      List<Path> yaml = files.filter(f -> f.toString().matches(".*\\.ya?ml")).toList();
      assertThat(yaml).hasSizeGreaterThanOrEqualTo(5);
      for (Path file : yaml)
        assertThat(documents(HOME.relativize(file).toString())).as(file.toString()).isNotEmpty().noneMatch(JsonNode::isMissingNode);
    }
  }

  private static Map<String, JsonNode> kubernetes() throws IOException {
    return documents("deploy/kubernetes/tilestream.yaml").stream()
        .collect(Collectors.toMap(d -> d.path("kind").asText() + "/" + d.path("metadata").path("name").asText(), d -> d));
  }

  @Test
  void kubernetesObjectsFitEachOther() throws IOException {
    Map<String, JsonNode> objects = kubernetes();
    assertThat(objects).containsKeys(
        "ServiceAccount/tilestream", "ConfigMap/tilestream", "Service/tilestream", "Service/tilestream-http", "PodDisruptionBudget/tilestream",
        "StatefulSet/edge");
    JsonNode set = objects.get("StatefulSet/edge").path("spec");
    JsonNode pod = set.path("template");
    JsonNode labels = pod.path("metadata").path("labels");
    assertThat(set.path("selector").path("matchLabels")).isEqualTo(labels);
    assertThat(set.path("serviceName").asText()).isEqualTo("tilestream");
    JsonNode container = pod.path("spec").path("containers").path(0);
    Set<String> ports = new HashSet<>(container.path("ports").findValuesAsText("name"));
    for (String service : List.of("Service/tilestream", "Service/tilestream-http")) {
      assertThat(objects.get(service).path("spec").path("selector")).isEqualTo(labels);
      assertThat(ports).containsAll(objects.get(service).path("spec").path("ports").findValuesAsText("targetPort"));
    }
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe"))
      assertThat(ports).contains(container.path(probe).path("httpGet").path("port").asText());
    assertThat(container.path("livenessProbe").path("httpGet").path("path").asText()).isEqualTo("/alive");
    assertThat(container.path("readinessProbe").path("httpGet").path("path").asText()).isEqualTo("/ready");
    Set<String> volumes = new HashSet<>(pod.path("spec").path("volumes").findValuesAsText("name"));
    set.path("volumeClaimTemplates").forEach(claim -> volumes.add(claim.path("metadata").path("name").asText()));
    assertThat(volumes).containsAll(container.path("volumeMounts").findValuesAsText("name"));
    assertThat(container.path("securityContext").path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(pod.path("spec").path("securityContext").path("runAsNonRoot").asBoolean()).isTrue();
    assertThat(container.path("image").asText()).matches(".*:[0-9].*");
  }

  @Test
  void kubernetesSettingsAreSettings() throws IOException {
    String hocon = kubernetes().get("ConfigMap/tilestream").path("data").path("node.conf").asText();
    Config pod = ConfigFactory.parseString("POD_IP = \"10.1.2.3\", NAMESPACE = robots");
    Config config = ConfigFactory.parseString(hocon).withFallback(pod).withFallback(ConfigFactory.load()).resolve();
    assertThat(config.getBoolean("tilestream.management.bootstrap")).isTrue();
    assertThat(config.getString("akka.management.http.hostname")).isEqualTo("10.1.2.3");
    assertThat(config.getString("akka.management.cluster.bootstrap.contact-point-discovery.service-namespace")).isEqualTo("robots.svc.cluster.local");
    known(ConfigFactory.parseString(hocon).withFallback(pod).resolve());
    known(ConfigFactory.parseString(text("deploy/systemd/node.conf")));
  }

  /** A setting that nobody reads is a mistake. */
  private static void known(Config config) {
    Config reference = ConfigFactory.load();
    config.entrySet().stream().map(Map.Entry::getKey).filter(path -> path.startsWith("tilestream.") || path.startsWith("akka."))
        .forEach(path -> assertThat(reference.hasPathOrNull(path)).as(path).isTrue());
  }

  @Test
  void composeFilesServicesFindTheirFilesAndEachOther() throws IOException {
    JsonNode compose = documents("deploy/compose/compose.yml").get(0);
    assertThat(compose.path("services").size()).isEqualTo(5);
    List<String> targets = new ArrayList<>();
    documents("deploy/compose/prometheus.yml").get(0).findValues("targets").forEach(list -> list.forEach(t -> targets.add(t.asText().split(":")[0])));
    compose.path("services").fields().forEachRemaining(service -> {
      boolean node = service.getValue().has("command") && service.getValue().path("command").path(0).asText().equals("node");
      if (node) assertThat(targets).as("scraped").contains(service.getKey());
      service.getValue().path("ports").forEach(port -> assertThat(port.asText()).as("open to this machine alone").startsWith("127.0.0.1:"));
      assertThat(service.getValue().path("image").asText("tilestream:local")).matches(".+:(local|v?[0-9].*)");
      service.getValue().path("volumes").forEach(volume -> {
        String from = volume.asText().split(":")[0];
        if (from.startsWith(".") && !from.contains("models")) assertThat(HOME.resolve("deploy/compose").resolve(from)).exists();
      });
    });
  }

  @Test
  void systemdTakesTheUnit() throws Exception {
    assumeThat(Files.isExecutable(Path.of("/usr/bin/systemd-analyze"))).as("systemd-analyze is not here").isTrue();
    // It looks for the program, which is not installed here.
    String unit = text("deploy/systemd/tilestream.service").replace("/opt/tilestream/tilestream", "/bin/true")
        .replace("EnvironmentFile=/etc/tilestream/node.env", "EnvironmentFile=" + HOME.resolve("deploy/systemd/node.env"));
    Path copy = Files.writeString(directory.resolve("tilestream.service"), unit);
    Process analysis = new ProcessBuilder("systemd-analyze", "verify", "--man=no", copy.toString()).redirectErrorStream(true).start();
    String said = new String(analysis.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(analysis.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said.lines().filter(line -> line.contains("tilestream.service")).toList()).isEmpty();
  }

  @Test
  void theUnitSaysAllThatItsEnvironmentHas() throws IOException {
    Set<String> given = text("deploy/systemd/node.env").lines().filter(l -> l.matches("[A-Z_]+=.*")).map(l -> l.split("=")[0])
        .collect(Collectors.toSet());
    Matcher used = Pattern.compile("\\$\\{(\\w+)}").matcher(text("deploy/systemd/tilestream.service"));
    while (used.find()) assertThat(given).contains(used.group(1));
  }

  @Test
  void whatIsInstalledStartsAndTheVersionBeforeComesBack() throws Exception {
    Path root = Files.createDirectories(directory.resolve("root"));
    install(root);
    Path first = Files.readSymbolicLink(root.resolve("opt/tilestream"));
    Files.writeString(root.resolve("etc/tilestream/node.env"), "NAME=mine\n");
    install(root);
    assertThat(Files.readString(root.resolve("etc/tilestream/node.env"))).as("yours").isEqualTo("NAME=mine\n");
    assertThat(Files.readSymbolicLink(root.resolve("opt/tilestream"))).isNotEqualTo(first);
    install(root, "--rollback");
    assertThat(Files.readSymbolicLink(root.resolve("opt/tilestream"))).isEqualTo(first);
    ProcessBuilder version = new ProcessBuilder(root.resolve(first.toString().substring(1)).resolve("tilestream").toString(), "--version");
    assertThat(output(version)).startsWith("tilestream ");
  }

  private static void install(Path root, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(HOME.resolve("deploy/systemd/install").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("DESTDIR", root.toString());
    output(builder);
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  @Test
  void theReferenceOfSettingsIsThatOfTheProgram() throws IOException {
    String page = text("docs/CONFIGURATION.md");
    String tables = page.substring(page.indexOf("\n## "));
    assertThat(tables).as("./tilestream settings --markdown").isEqualTo(SettingsReference.markdown(SettingsReference.settings()));
  }
}
