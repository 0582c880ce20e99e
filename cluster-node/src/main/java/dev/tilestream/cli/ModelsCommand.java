package dev.tilestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.client.NodeClient;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the fleet has, and asking it for more or less. */
@Command(
    name = "models", description = "Lists, loads and unloads the models of a fleet.", mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream models load detector",
      "  tilestream models list --url https://robot-1:8000 --token-file admin.token",
      "  tilestream models plan detector"})
final class ModelsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "models: no command (expected: list, plan, load or unload)");
  }

  @Command(name = "list", description = "Every model that the node knows, and its state.", mixinStandardHelpOptions = true)
  void list(@Mixin NodeOption node, @Option(names = "--json", description = "Print JSON.") boolean json) throws InterruptedException {
    JsonNode models = node.call(NodeClient::index);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(models);
    } else {
      TextTable table = new TextTable("model", "version", "state", "reason");
      for (JsonNode m : models)
        table.row(m.path("name").asText(), m.path("version").asText(), m.path("state").asText(), m.path("reason").asText());
      out.print(table);
    }
    out.flush();
  }

  @Command(
      name = "plan", description = "Which plan serves the model at the node, what else there is, and what is expected of each.",
      mixinStandardHelpOptions = true)
  void plan(
      @Mixin NodeOption node, @Parameters(paramLabel = "MODEL", description = "Its name.") String model,
      @Option(names = "--json", description = "Print JSON.") boolean json) throws InterruptedException {
    JsonNode plans = node.call(client -> client.plans(model));
    PrintWriter out = spec.commandLine().getOut();
    if (json) out.println(plans);
    else out.print(PlansText.of(plans));
    out.flush();
  }

  @Command(name = "load", description = "Loads a model on every node of the fleet.", mixinStandardHelpOptions = true)
  void load(@Mixin NodeOption node, @Parameters(paramLabel = "MODEL", description = "Its name in the repository.") String model)
      throws InterruptedException {
    node.call(client -> {
      client.load(model);
      return null;
    });
    spec.commandLine().getErr().println(model + " loaded");
  }

  @Command(name = "unload", description = "Unloads a model on every node of the fleet.", mixinStandardHelpOptions = true)
  void unload(@Mixin NodeOption node, @Parameters(paramLabel = "MODEL", description = "Its name.") String model)
      throws InterruptedException {
    node.call(client -> {
      client.unload(model);
      return null;
    });
    spec.commandLine().getErr().println(model + " unloaded");
  }
}
