package dev.tilestream.dashboards;

import com.typesafe.config.Config;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import kamon.Kamon;
import kamon.module.Module;
import kamon.module.ModuleFactory;
import kamon.prometheus.PrometheusReporter;

/**
 * Kamon's page for Prometheus without the links to peers that left. Kamon's own reporter goes on telling the last value of a gauge that
 * was removed, for years. Public, as Kamon makes it by name.
 */
public final class PeerlessReporter extends PrometheusReporter {
  private static final Set<String> GONE = ConcurrentHashMap.newKeySet();
  private static final String LINKS = "tilestream_link_";

  /** Makes the one of this process. */
  public static final class Factory implements ModuleFactory {
    @Override
    public Module create(Settings settings) {
      return new PeerlessReporter(settings.config());
    }
  }

  private PeerlessReporter(Config config) {
    super(PrometheusReporter.DefaultConfigPath(), config);
  }

  /** From now on its links are not told any more. */
  static void gone(String peer) {
    GONE.add(peer);
  }

  static void back(String peer) {
    GONE.remove(peer);
  }

  @Override
  public String scrapeData() {
    String page = super.scrapeData();
    Set<String> tags = GONE.stream().map("peer=\"%s\""::formatted).collect(Collectors.toSet());
    if (tags.isEmpty()) return page;
    return page.lines().filter(line -> !line.startsWith(LINKS) || tags.stream().noneMatch(line::contains))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
