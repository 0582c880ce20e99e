package dev.tilestream.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.cli.doctor.Examination;
import dev.tilestream.cli.doctor.Finding;
import dev.tilestream.cli.doctor.Machine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at this machine before a node does. */
@Command(
    name = "doctor", description = "Looks whether this machine can be a good member of a fleet, and says what to do where it can't.",
    mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream doctor",
      "  tilestream doctor --host 10.0.0.11 --seed 10.0.0.5:25520 --repository models",
      "%nExit status: 0 when nothing is bad, 1 when something is."})
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--host", paramLabel = "HOST", defaultValue = "127.0.0.1", description = "As of the node to be. Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(names = "--http-host", paramLabel = "HOST", defaultValue = "127.0.0.1", description = "Likewise. Default: ${DEFAULT-VALUE}.")
  private String httpHost;

  @Option(names = "--port", paramLabel = "PORT", defaultValue = "25520", description = "Likewise. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(names = "--http-port", paramLabel = "PORT", defaultValue = "8000", description = "Likewise. Default: ${DEFAULT-VALUE}.")
  private int httpPort;

  @Option(names = "--metrics-port", paramLabel = "PORT", defaultValue = "9095", description = "Likewise. Default: ${DEFAULT-VALUE}.")
  private int metricsPort;

  @Option(
      names = "--seed", paramLabel = "HOST:PORT", split = ",", defaultValue = "${env:TILESTREAM_SEEDS}",
      description = "Members that should be reached.")
  private List<String> seeds = List.of();

  @Option(names = "--repository", paramLabel = "DIR", defaultValue = "models", description = "Of models. Default: ${DEFAULT-VALUE}.")
  private Path repository;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    List<String> members = Stream.ofNullable(seeds).flatMap(List::stream).map(String::strip).filter(seed -> !seed.isEmpty()).toList();
    for (int p : new int[] {port, httpPort, metricsPort})
      if (p < 0 || p > 65_535) throw new ParameterException(spec.commandLine(), "port: %d (expected: 0 to 65535)".formatted(p));
    for (String seed : members)
      if (!seed.matches("[^\\s]+:\\d{1,5}") || Integer.parseInt(seed.substring(seed.lastIndexOf(':') + 1)) > 65_535)
        throw new ParameterException(spec.commandLine(), "--seed: '%s' (expected: host:port)".formatted(seed));
    Path cache = Path.of(ConfigFactory.load().getString("tilestream.node.cache-directory"));
    Examination examination = new Examination(
        Machine.THIS, host, httpHost, port, httpPort, metricsPort, members, repository, cache);
    List<Finding> findings = examination.findings();
    PrintWriter out = spec.commandLine().getOut();
    if (json) out.println(json(findings));
    else print(findings, out);
    out.flush();
    return findings.stream().anyMatch(f -> f.level() == Finding.Level.BAD) ? 1 : 0;
  }

  private static void print(List<Finding> findings, PrintWriter out) {
    for (Finding f : findings) {
      String colour = switch (f.level()) {
        case GOOD -> "fg(green)";
        case DOUBTFUL -> "fg(yellow)";
        case BAD -> "fg(red),bold";
      };
      // Colours on a terminal only.
      out.println(Ansi.AUTO.string("@|%s %-4s|@  ".formatted(colour, f.level().word())) + "%-14s %s".formatted(f.topic(), f.what()));
      if (!f.advice().isEmpty()) out.println("      " + " ".repeat(15) + "-> " + f.advice());
    }
  }

  private static ArrayNode json(List<Finding> findings) {
    ArrayNode array = new ObjectMapper().createArrayNode();
    for (Finding f : findings)
      array.addObject().put("topic", f.topic()).put("level", f.level().word()).put("what", f.what()).put("advice", f.advice());
    return array;
  }
}
