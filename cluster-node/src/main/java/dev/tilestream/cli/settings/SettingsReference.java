package dev.tilestream.cli.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Settings as the modules' {@code reference.conf} files have them, with the comments above each. */
public final class SettingsReference {
  private static final String ROOT = "tilestream";
  /** What a machine would put in; the reference is of none. */
  private static final String PLACES = "user.home = \"~\"";

  private SettingsReference() {}

  /** All of them, in the order of their files' lines, one block after the other by name. */
  public static List<Setting> settings() {
    ConfigResolveOptions lenient = ConfigResolveOptions.defaults().setUseSystemEnvironment(false).setAllowUnresolved(true);
    Config own = ConfigFactory.parseResourcesAnySyntax("reference").withOnlyPath(ROOT);
    Config all = own.resolveWith(ConfigFactory.parseString(PLACES), lenient);
    List<Setting> settings = new ArrayList<>();
    collect(ROOT, (ConfigObject) all.getValue(ROOT), "", settings);
    return settings;
  }

  private static void collect(String path, ConfigObject object, String above, List<Setting> settings) {
    List<Map.Entry<String, ConfigValue>> entries = new ArrayList<>(object.entrySet());
    entries.sort(Comparator.comparing((Map.Entry<String, ConfigValue> e) -> e.getValue() instanceof ConfigObject)
        .thenComparing(e -> e.getValue().origin().description().replaceAll(":.*", ""))
        .thenComparingInt(e -> e.getValue().origin().lineNumber()).thenComparing(Map.Entry::getKey));
    for (Map.Entry<String, ConfigValue> e : entries) {
      String here = path + "." + e.getKey();
      String comment = comment(e.getValue());
      if (e.getValue() instanceof ConfigObject inner && !inner.isEmpty()) {
        collect(here, inner, comment, settings);
        continue;
      }
      boolean first = entries.get(0) == e;
      String meaning = first && !above.isEmpty() ? (above + " " + comment).strip() : comment;
      settings.add(new Setting(here, e.getValue().render(ConfigRenderOptions.concise().setJson(false)), meaning));
    }
  }

  private static String comment(ConfigValue value) {
    return value.origin().comments().stream().map(String::strip).collect(Collectors.joining(" ")).strip();
  }

  /** As a page: one table for each block. */
  public static String markdown(List<Setting> settings) {
    StringBuilder page = new StringBuilder();
    String block = "";
    for (Setting s : settings) {
      String its = s.path().substring(0, s.path().lastIndexOf('.'));
      if (!its.equals(block)) {
        block = its;
        page.append("\n## ").append(block).append("\n\n| setting | default | meaning |\n|---|---|---|\n");
      }
      page.append("| `").append(s.path().substring(block.length() + 1)).append("` | `").append(s.value().replace("|", "\\|")).append("` | ")
          .append(s.meaning().replace("|", "\\|")).append(" |\n");
    }
    return page.toString();
  }
}
