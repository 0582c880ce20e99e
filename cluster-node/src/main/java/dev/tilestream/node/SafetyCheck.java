package dev.tilestream.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.tilestream.api.ApiSettings;
import dev.tilestream.security.ClusterTls;
import dev.tilestream.security.SecurityFault;
import dev.tilestream.security.TlsFiles;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the owner of a node should know before it starts: who can listen to it, talk to it, or be taken for it. */
final class SafetyCheck {
  private SafetyCheck() {}

  /**
   * Everything that is named for safety is read here once, so that what is wrong stops the start.
   *
   * @return warnings, one line each
   * @throws dev.tilestream.security.SecurityFault when something that is named cannot be used
   */
  static List<String> warnings(NodeSettings settings, Config config, Instant now) {
    try {
      return check(settings, config, now);
    } catch (ConfigException e) {
      throw new SecurityFault(e.getMessage(), e);
    }
  }

  private static List<String> check(NodeSettings settings, Config config, Instant now) {
    List<String> warnings = new ArrayList<>();
    Optional<TlsFiles> cluster = ClusterTls.files(config);
    if (cluster.isPresent()) {
      cluster.get().context();
      warnings.addAll(cluster.get().warnings(now));
    } else if (!loopback(settings.host())) {
      warnings.add(
          "other members are spoken to at %s in clear, and whoever reaches the port can join and do as they like (expected: %s)"
              .formatted(settings.host(), ClusterTls.SETTING));
    }
    ApiSettings api = ApiSettings.from(config).at(settings.httpHost(), settings.httpPort());
    api.tls().ifPresent(TlsFiles::context);
    warnings.addAll(api.warnings(now));
    if (settings.metricsPort() != 0 && !loopback(settings.httpHost()))
      warnings.add(
          "metrics at %s, port %d: everybody who reaches it reads them, in clear (expected: a firewall, or --metrics-port 0)"
              .formatted(settings.httpHost(), settings.metricsPort()));
    return warnings;
  }

  private static boolean loopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
