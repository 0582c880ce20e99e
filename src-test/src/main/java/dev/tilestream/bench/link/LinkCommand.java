package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.LinkRate;
import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.cli.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./tilestream bench link}. */
@Command(
    name = "link",
    description = "What a link makes of a line: goodput, what small messages wait beside it, what is believed of the rate, and packing.",
    mixinStandardHelpOptions = true)
public final class LinkCommand implements Callable<Integer> {
  /** Which lines. */
  enum Lines {
    auto,
    kernel,
    emulated
  }

  @Spec private CommandSpec spec;

  @Option(names = "--rates", split = ",", defaultValue = "5mbit,20mbit,93mbit,400mbit", description = "Of the line (default: ${DEFAULT-VALUE}).")
  private List<String> rates;

  @Option(names = "--delay", defaultValue = "0", description = "One way, milliseconds (default: ${DEFAULT-VALUE}).")
  private double delayMillis;

  @Option(names = "--seconds", defaultValue = "8", description = "That each measurement lasts (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--line", defaultValue = "auto",
      description = "${COMPLETION-CANDIDATES}: one that the kernel shapes, which takes root; else links emulate it (default: ${DEFAULT-VALUE}).")
  private Lines lines;

  @Option(names = "--trace", split = ",", description = "Instead: how well a rate is known that follows these files (t_s,mbit_s).")
  private List<Path> traces;

  @Option(names = "--packing", description = "Instead: tensors end to end by links that pack where they think that pays, and by links that never do.")
  private boolean packing;

  @Option(names = "--transfers", defaultValue = "40", description = "Of each kind of tensor with --packing (default: ${DEFAULT-VALUE}).")
  private int transfers;

  @Option(names = "--logs", description = "Keep there what the ends wrote to standard error.")
  private Path logs;

  @Option(names = "--json", description = "Print JSON alone on standard output.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (!(seconds > 0) || !(delayMillis >= 0) || transfers < 1)
      throw wrong("--seconds %s --delay %s --transfers %d (expected: above 0, not below 0, at least 1)".formatted(seconds, delayMillis, transfers));
    if (lines == Lines.kernel && !KernelLine.possible()) throw wrong("--line kernel (expected: root, ip and tc with tbf)");
    List<LinkRate> wanted = rates.stream().map(LinkRate::parse).toList();
    boolean kernel = lines != Lines.emulated && traces == null && KernelLine.possible();
    try (ScratchDirectory scratch = ScratchDirectory.create("tilestream-bench-")) {
      Path errors = logs == null ? scratch.path() : Files.createDirectories(logs);
      Duration delay = Duration.ofNanos((long) (delayMillis * 1e6));
      LinkBench bench = new LinkBench(kernel, delay, seconds, errors, this::progress);
      String text = traces != null ? traces(bench) : packing ? packing(bench, wanted) : saturated(bench, wanted);
      spec.commandLine().getOut().print(text);
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  private void progress(String step) {
    spec.commandLine().getErr().println(step);
    spec.commandLine().getErr().flush();
  }

  private String saturated(LinkBench bench, List<LinkRate> wanted) throws IOException, InterruptedException {
    List<LinkResult> results = new ArrayList<>();
    for (LinkRate rate : wanted) results.add(bench.saturate(rate));
    return json ? LinkResult.json(results) : LinkResult.table(results);
  }

  private String packing(LinkBench bench, List<LinkRate> wanted) throws IOException {
    List<PackingResult> results = new ArrayList<>();
    for (LinkRate rate : wanted) results.addAll(bench.pack(rate, transfers));
    return json ? PackingResult.json(results) : PackingResult.table(results);
  }

  private String traces(LinkBench bench) throws IOException {
    Map<Path, JsonNode> results = new LinkedHashMap<>();
    for (Path trace : traces) results.put(trace, bench.follow(trace));
    TextTable table = new TextTable("trace", "median error", "samples");
    ObjectNode root = new ObjectMapper().createObjectNode();
    results.forEach((trace, result) -> {
      table.row(trace.getFileName().toString(), LinkResult.percent(result.path("medianError").asDouble()), result.path("samples").asText());
      root.set(trace.getFileName().toString(), result);
    });
    return json ? root + "\n" : table.toString();
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
