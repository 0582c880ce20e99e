package dev.tilestream.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tilestream.cli.settings.Setting;
import dev.tilestream.cli.settings.SettingsReference;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What can be set in {@code --config}. */
@Command(
    name = "settings", description = "Prints every setting that a file given with --config may have, with its default and its meaning.",
    mixinStandardHelpOptions = true,
    footer = {"%nExamples:", "  tilestream settings tilestream.api", "  tilestream settings --markdown > settings.md"})
final class SettingsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "PREFIX", defaultValue = "tilestream", description = "Those below it. Default: ${DEFAULT-VALUE}.")
  private String prefix;

  @Option(names = "--markdown", description = "As tables of a page.")
  private boolean markdown;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public void run() {
    List<Setting> settings = SettingsReference.settings().stream()
        .filter(s -> s.path().equals(prefix) || s.path().startsWith(prefix + ".")).toList();
    if (settings.isEmpty()) throw new CommandFailed("%s: no such setting (expected: one of those that tilestream settings prints)".formatted(prefix));
    PrintWriter out = spec.commandLine().getOut();
    if (json) out.println(json(settings));
    else if (markdown) out.print(SettingsReference.markdown(settings));
    else settings.forEach(s -> print(s, out));
    out.flush();
  }

  private static void print(Setting setting, PrintWriter out) {
    if (!setting.meaning().isEmpty()) out.println("# " + setting.meaning());
    out.println(setting.path() + " = " + setting.value());
  }

  private static ArrayNode json(List<Setting> settings) {
    ArrayNode array = new ObjectMapper().createArrayNode();
    for (Setting s : settings) array.addObject().put("path", s.path()).put("default", s.value()).put("meaning", s.meaning());
    return array;
  }
}
