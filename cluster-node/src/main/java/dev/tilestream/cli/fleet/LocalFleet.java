package dev.tilestream.cli.fleet;

import dev.tilestream.cli.CommandFailed;
import dev.tilestream.cli.fleet.FleetPlan.Member;
import dev.tilestream.client.Credentials;
import dev.tilestream.client.NodeClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The processes of a fleet. {@link #close} stops them; when this process dies without, each node sees its standard input end and stops by
 * itself, so that none is ever left behind.
 */
public final class LocalFleet implements AutoCloseable {
  private static final Duration STOPPING = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int SEEDS = 3;

  private final List<NodeProcess> nodes;
  private volatile boolean closed;

  private LocalFleet(List<NodeProcess> nodes) {
    this.nodes = List.copyOf(nodes);
  }

  /**
   * Starts every node; returns at once.
   *
   * @param launcher the program, as a user calls it
   * @param logs where each node's output goes, one file each
   * @param events gets a line when a node dies or is started again
   * @throws CommandFailed when a port is taken or a process cannot be started; none is left running
   */
  public static LocalFleet start(FleetPlan plan, Path launcher, Path logs, Consumer<String> events) {
    List<NodeProcess> nodes = new ArrayList<>();
    try {
      List<Member> members = plan.members();
      List<String> seeds = members.stream().limit(SEEDS).map(m -> "127.0.0.1:" + m.port()).toList();
      for (Member member : members) {
        // The first forms the fleet at once instead of asking the others first. Started again, it must ask: they have one by then.
        boolean founds = member == members.get(0) && !plan.restart();
        String through = String.join(",", founds ? seeds.subList(0, 1) : seeds);
        List<String> command = NodeProcess.command(launcher, plan, member, through);
        nodes.add(new NodeProcess(member, command, NodeProcess.flags(plan), logs, plan.restart(), events));
      }
      for (NodeProcess node : nodes) node.start();
      return new LocalFleet(nodes);
    } catch (IOException e) {
      new LocalFleet(nodes).close();
      throw new CommandFailed("the fleet cannot be started: " + e.getMessage(), e);
    }
  }

  public List<NodeProcess> nodes() {
    return nodes;
  }

  /**
   * Waits for every node to be ready.
   *
   * @param ready told of each once it is
   * @throws CommandFailed when one dies first, with the end of its log, or the time is over
   */
  public void awaitReady(Duration patience, Consumer<NodeProcess> ready) throws InterruptedException {
    awaitReady(patience, Credentials.NONE, ready);
  }

  /** The same, of nodes that want to be trusted. */
  public void awaitReady(Duration patience, Credentials credentials, Consumer<NodeProcess> ready) throws InterruptedException {
    List<NodeProcess> waiting = new ArrayList<>(nodes);
    long deadline = System.nanoTime() + patience.toNanos();
    while (!waiting.isEmpty()) {
      for (NodeProcess node : List.copyOf(waiting)) {
        if (!node.isAlive() && !node.restarts())
          throw new CommandFailed(
              "%s died before it was ready (exit status %d):%n%s".formatted(node.name(), node.exitStatus(), node.logTail()));
        if (new NodeClient(node.member().http(), credentials).ready()) {
          waiting.remove(node);
          node.markReady();
          ready.accept(node);
        }
      }
      if (waiting.isEmpty()) return;
      if (System.nanoTime() > deadline) {
        NodeProcess slow = waiting.get(0);
        throw new CommandFailed("%s is not ready after %d s:%n%s".formatted(slow.name(), patience.toSeconds(), slow.logTail()));
      }
      Thread.sleep(POLL.toMillis());
    }
  }

  /** Waits until every node has died for good. */
  public void awaitEnd() throws InterruptedException {
    for (NodeProcess node : nodes) node.awaitEnd();
  }

  /** Whether its end was asked for. */
  public boolean isClosed() {
    return closed;
  }

  /** Asks every node to leave, and ends by force those that do not within some seconds. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    nodes.forEach(NodeProcess::askToStop);
    long deadline = System.nanoTime() + STOPPING.toNanos();
    for (NodeProcess node : nodes) node.stopBy(deadline);
  }
}
