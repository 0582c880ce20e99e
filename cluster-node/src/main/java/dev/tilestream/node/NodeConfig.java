package dev.tilestream.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.tilestream.security.ClusterTls;
import java.util.List;
import java.util.Map;

/** Puts what the command line says of a node over what the configuration files say. */
final class NodeConfig {
  /** Members carry their name as a cluster role, so that everybody can tell who an address is. */
  static final String NAME_ROLE = "name-";

  private NodeConfig() {}

  static Config of(NodeSettings settings, Config files) {
    Config own = ConfigFactory.empty()
        .withValue("akka.remote.artery.canonical", ConfigValueFactory.fromMap(Map.of("hostname", settings.host(), "port", settings.port())))
        .withValue("akka.cluster.roles", ConfigValueFactory.fromIterable(List.of(settings.role().word(), NAME_ROLE + settings.name())));
    // A slowed node shares its machine with others: what it stretches is its kernels' own processor time, not their waiting for a turn.
    if (settings.speed() < 1)
      own = own
          .withValue("tilestream.lane.clock", ConfigValueFactory.fromAnyRef("cpu"))
          .withValue("tilestream.kernel.threads", ConfigValueFactory.fromAnyRef(1));
    if (ClusterTls.files(files).isPresent())
      own = own
          .withValue("akka.remote.artery.transport", ConfigValueFactory.fromAnyRef("tls-tcp"))
          .withValue("akka.remote.artery.ssl.ssl-engine-provider", ConfigValueFactory.fromAnyRef(ClusterTls.class.getName()));
    return own.withFallback(files);
  }
}
