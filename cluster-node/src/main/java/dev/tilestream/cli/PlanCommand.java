package dev.tilestream.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.cli.plan.DevicesFile;
import dev.tilestream.cli.plan.PlannableModel;
import dev.tilestream.cli.plan.PlannedFleet;
import dev.tilestream.cli.plan.Prospect;
import dev.tilestream.cli.plan.TimelinePicture;
import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.PlanText;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.ProfileCodec;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What each strategy would do and cost. */
@Command(
    name = "plan",
    description = "Tells what each strategy would do with a model on given devices, and what the simulator says that takes.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The devices FILE is JSON; speed, power (W), profile, medium and links may be left out:",
      "  {\"medium\": \"per-sender\",",
      "   \"devices\": [",
      "     {\"name\": \"robot-1\", \"role\": \"robot\", \"source\": true, \"speed\": 0.25,",
      "      \"power\": {\"idle\": 4.8, \"compute\": 10, \"transmit\": 5.6, \"receive\": 5.2}},",
      "     {\"name\": \"edge-1\", \"role\": \"edge\", \"speed\": 2, \"profile\": \"edge.profile\"}],",
      "   \"links\": [{\"from\": \"robot-1\", \"to\": \"edge-1\", \"rate\": \"40mbit\", \"delay\": \"2ms\"}]}",
      "speed is relative to this machine (ONNX) or to the log's robot or server. medium: per-sender, shared (one sends",
      "at a time, as on real Wi-Fi) or per-link. links: those that --rate and --delay don't fit."})
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file, or a log of a robot's run (JSON).")
  private Path model;

  @Option(names = "--devices", paramLabel = "FILE", required = true, description = "The devices, one of them the source; see below.")
  private Path devices;

  @Option(names = "--rate", paramLabel = "RATE", required = true, description = "What links carry, e.g. 93mbit.")
  private LinkRate rate;

  @Option(names = "--delay", paramLabel = "TIME", defaultValue = "1ms", description = "Of links, one way. Default: ${DEFAULT-VALUE}.")
  private Duration delay;

  @Option(
      names = "--strategies", paramLabel = "S", split = ",", defaultValue = StrategyWords.ALL,
      description = "Comma-separated. Default: ${DEFAULT-VALUE}.")
  private List<String> strategies;

  @Option(
      names = "--objective", paramLabel = "O", defaultValue = "latency",
      description = "latency, energy:1s, weighted:PER_SECOND,PER_JOULE, throughput:FRAMES. Default: ${DEFAULT-VALUE}.")
  private Objective objective;

  @Option(names = "--halo", paramLabel = "N", description = "Rows that bands see beyond their share. Default: all they need, exact.")
  private Integer halo;

  @Option(
      names = "--shape", paramLabel = "NAME=D,D,..",
      description = "Of an input whose shape the ONNX file leaves open; may be repeated.")
  private Map<String, String> shapes = Map.of();

  @Option(names = "--uint8", description = "A log's input comes as bytes and is converted by the network.")
  private boolean uint8;

  @Option(names = "--profile", paramLabel = "FILE", description = "Times that --save-profile wrote, instead of measuring here.")
  private Path profile;

  @Option(names = "--save-profile", paramLabel = "FILE", description = "Keep the times that were measured.")
  private Path saveProfile;

  @Option(names = "--plans", description = "Print the plan of every strategy, not only of the quickest.")
  private boolean plans;

  @Option(names = "--out", paramLabel = "FILE", description = "Timelines of all strategies, as .svg or .html.")
  private Path out;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    SortedSet<Strategy> asked = asked();
    Map<String, Shape> given = shapes();
    if (halo != null && halo < 0) throw wrong("--halo: %d (expected: at least 0)".formatted(halo));
    if (!Files.isRegularFile(model)) throw wrong("%s: no such file (expected: MODEL, an ONNX file or a log)".formatted(model));
    if (!Files.isRegularFile(devices)) throw wrong("%s: no such file (expected: --devices, see --help)".formatted(devices));
    if (out != null && !out.toString().matches(".*\\.(svg|html)")) throw wrong("--out %s (expected: .svg or .html)".formatted(out));
    DevicesFile file = DevicesFile.read(devices, Durations::parse);
    PlannableModel plannable = load(given);
    Fleet fleet = PlannedFleet.of(file, plannable, rate, delay);
    PlanOptions search = plannable.measured() ? PlanOptions.DEFAULT : PlanOptions.SURE;
    PlanOptions options = search.withObjective(objective).withHalo(halo == null ? Horizon.UNLIMITED : halo);
    Prospect.Bounds bounds = Prospect.Bounds.of(plannable.graph(), fleet);
    List<Prospect> prospects = asked.stream().map(s -> Prospect.of(s, plannable.graph(), fleet, options, bounds)).toList();
    print(plannable, prospects);
    if (out != null) {
      TimelinePicture picture = new TimelinePicture("%s, %s".formatted(model.getFileName(), rate), prospects);
      Files.writeString(out, out.toString().endsWith(".svg") ? picture.svg() : picture.html());
    }
    return 0;
  }

  private SortedSet<Strategy> asked() {
    try {
      return StrategyWords.parse(strategies);
    } catch (IllegalArgumentException e) {
      throw wrong("--strategies: " + e.getMessage());
    }
  }

  private Map<String, Shape> shapes() {
    Map<String, Shape> given = new TreeMap<>();
    shapes.forEach((name, dims) -> {
      try {
        given.put(name, Shape.of(Arrays.stream(dims.split(",")).map(String::strip).mapToInt(Integer::parseInt).toArray()));
      } catch (IllegalArgumentException e) {
        throw wrong("--shape %s=%s (expected: e.g. input=1,3,224,224)".formatted(name, dims));
      }
    });
    return given;
  }

  private PlannableModel load(Map<String, Shape> given) throws IOException {
    if (model.toString().endsWith(".json")) return PlannableModel.logged(model, uint8);
    Path cache = Path.of(ConfigFactory.load().getString("tilestream.node.cache-directory")).resolve("graphs");
    if (profile == null && !json) spec.commandLine().getErr().println("measuring " + model.getFileName() + " ...");
    PlannableModel plannable = PlannableModel.onnx(model, given, cache, profile);
    if (saveProfile != null) Files.write(saveProfile, ProfileCodec.encode(plannable.robot()));
    return plannable;
  }

  private void print(PlannableModel plannable, List<Prospect> prospects) {
    PrintWriter to = spec.commandLine().getOut();
    if (json) {
      to.println(json(plannable, prospects));
    } else {
      to.print(table(prospects));
      Prospect best = prospects.stream().min(Comparator.comparingDouble(p -> objective.score(p.simulation()))).orElseThrow();
      for (Prospect p : plans ? prospects : List.of(best)) to.print("\n" + PlanText.of(plannable.graph(), p.plan()));
    }
    to.flush();
  }

  private static String table(List<Prospect> prospects) {
    TextTable table = new TextTable(
        "strategy", "exact", "ms", "bound ms", "gap %", "joules", "bound J", "gap %", "kB over the air", "tiles", "devices");
    for (Prospect p : prospects)
      table.row(
          p.strategy(), p.plan().exact() ? "yes" : "no", fixed(2, p.latencyMillis()), fixed(2, p.bounds().seconds() * 1e3), fixed(1, p.gap() * 100),
          fixed(3, p.simulation().sourceJoules()), fixed(3, p.bounds().joules()), fixed(1, p.energyGap() * 100),
          fixed(1, p.simulation().bytesOverAir() / 1e3), Integer.toString(p.plan().tiles().size()), String.join(" ", p.plan().devices()));
    return table.toString();
  }

  private String json(PlannableModel plannable, List<Prospect> prospects) {
    ObjectNode document = new ObjectMapper().createObjectNode();
    document.put("model", model.getFileName().toString()).put("graph", plannable.graph().hash())
        .put("stages", plannable.graph().stages().size()).put("rate", rate.toString()).put("delayMs", delay.toNanos() / 1e6);
    ArrayNode all = document.putArray("strategies");
    for (Prospect p : prospects) {
      ObjectNode one = all.addObject()
          .put("strategy", p.strategy()).put("exact", p.plan().exact()).put("latencyMs", p.latencyMillis())
          .put("joules", p.simulation().sourceJoules()).put("bytes", p.simulation().bytesOverAir()).put("tiles", p.plan().tiles().size())
          .put("planningMs", p.planningSeconds() * 1e3);
      put(one, "boundMs", p.bounds().seconds() * 1e3);
      put(one, "gap", p.gap());
      put(one, "boundJoules", p.bounds().joules());
      put(one, "energyGap", p.energyGap());
      p.plan().devices().forEach(one.putArray("devices")::add);
      one.put("plan", PlanText.of(plannable.graph(), p.plan()));
    }
    return document.toString();
  }

  /** Nothing where it is not known; without joules there is no gap either. */
  private static void put(ObjectNode to, String field, double value) {
    if (!Double.isNaN(value) && !Double.isInfinite(value)) to.put(field, value);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String fixed(int digits, double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) return "";
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
