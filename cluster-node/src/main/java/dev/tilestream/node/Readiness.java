package dev.tilestream.node;

import akka.actor.typed.ActorSystem;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import dev.tilestream.api.NodeView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Whether a node can serve, and who the members are. A node first turns ready when as many members as expected are up and have
 * introduced themselves, and the models that it had before are loaded; from then on it is ready as long as it is up itself, whoever else
 * goes. One that starts anew within its process serves at once, by itself, while it seeks the others.
 */
final class Readiness implements NodeView {
  private final NodeSettings settings;
  private final ActorSystem<?> system;
  private final MemberView view;
  private final boolean serving;
  private final CompletionStage<Void> restored;
  private volatile boolean complete;

  /**
   * @param serving whether it has served before, so that it need not wait for anybody
   * @param restored completes when the models that it had before are loaded again
   */
  Readiness(NodeSettings settings, ActorSystem<?> system, MemberView view, boolean serving, CompletionStage<Void> restored) {
    this.restored = restored;
    this.settings = settings;
    this.system = system;
    this.view = view;
    this.serving = serving;
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String role() {
    return settings.role().word();
  }

  @Override
  public boolean ready() {
    if (system.whenTerminated().isCompleted()) return false;
    if (serving) return true;
    MemberStatus status = Cluster.get(system).selfMember().status();
    if (status != MemberStatus.up() && status != MemberStatus.weaklyUp() || !restored.toCompletableFuture().isDone()) return false;
    if (!complete && view.neighbours().size() + 1 >= settings.expected()) complete = true;
    return complete;
  }

  @Override
  public List<NodeView.Member> members() {
    var state = Cluster.get(system).state();
    Set<akka.cluster.Member> unreachable = new HashSet<>(state.getUnreachable());
    List<NodeView.Member> members = new ArrayList<>();
    for (akka.cluster.Member m : state.getMembers()) {
      String name = m.getRoles().stream()
          .filter(r -> r.startsWith(NodeConfig.NAME_ROLE))
          .findFirst()
          .map(r -> r.substring(NodeConfig.NAME_ROLE.length()))
          .orElse("");
      String role = m.getRoles().contains(NodeSettings.Role.ROBOT.word()) ? NodeSettings.Role.ROBOT.word() : NodeSettings.Role.EDGE.word();
      String address = m.address().getHost().orElse("") + ":" + m.address().getPort().orElse(0);
      String status = unreachable.contains(m) ? "unreachable" : m.status().toString().toLowerCase(Locale.ROOT);
      members.add(new NodeView.Member(name, role, address, status));
    }
    return members;
  }
}
