package dev.tilestream.cli.fleet;

import dev.tilestream.cli.fleet.FleetPlan.Member;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One node as a child process. Its standard input is a pipe that we never write to: it ends when we do. */
public final class NodeProcess {
  private static final int TAIL_LINES = 20;
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);

  private final Member member;
  private final List<String> command;
  private final List<String> flags;
  private final Path log;
  private final boolean restarts;
  private final Consumer<String> events;
  private final CountDownLatch end = new CountDownLatch(1);
  private Process process;
  private boolean stopping;
  private long startedNanos;
  private Duration startToReady = Duration.ZERO;

  NodeProcess(Member member, List<String> command, List<String> flags, Path logs, boolean restarts, Consumer<String> events) {
    this.member = member;
    this.command = List.copyOf(command);
    this.flags = List.copyOf(flags);
    this.log = logs.resolve(member.name() + ".log");
    this.restarts = restarts;
    this.events = events;
  }

  /** The command line of a member, role and name first, as {@code ps} shows it. */
  static List<String> command(Path launcher, FleetPlan plan, Member member, String seeds) {
    List<String> command = new ArrayList<>(List.of(
        launcher.toString(), "node", "--role", member.role().word(), "--name", member.name(),
        "--host", "127.0.0.1", "--port", Integer.toString(member.port()), "--seed", seeds,
        "--expect", Integer.toString(plan.robots() + plan.edges()),
        "--http-host", plan.httpHost(), "--http-port", Integer.toString(member.http().getPort()),
        "--metrics-port", Integer.toString(member.metricsPort()),
        "--repository", plan.repository().toAbsolutePath().toString(),
        "--with-parent"));
    if (member.speed() != 1) command.addAll(List.of("--speed", Double.toString(member.speed())));
    plan.rate().ifPresent(rate -> command.addAll(List.of("--rate", rate.toString())));
    plan.config().ifPresent(file -> command.addAll(List.of("--config", file.toAbsolutePath().toString())));
    if (!plan.delay().isZero()) command.addAll(List.of("--delay", plan.delay().toNanos() / 1000 + "us"));
    return command;
  }

  /**
   * JVM flags of every member. Where speeds are emulated, all count in processors of one kind: a kernel has one thread everywhere, whatever
   * else this machine has to do.
   */
  static List<String> flags(FleetPlan plan) {
    return plan.robotSpeed() == 1 && plan.edgeSpeed() == 1 ? List.of() : List.of("-Dtilestream.kernel.threads=1");
  }

  synchronized void start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
    // The launcher that started us has built everything; a change in between must not make one node differ from another.
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    flags.forEach(flag -> builder.environment().merge("TILESTREAM_JAVA_OPTS", flag, (before, one) -> before + " " + one));
    startedNanos = System.nanoTime();
    process = builder.start();
    process.onExit().thenAccept(this::ended);
  }

  private synchronized void ended(Process dead) {
    if (stopping || !restarts) {
      if (!stopping) events.accept("%s died (exit status %d); the others serve on".formatted(member.name(), dead.exitValue()));
      end.countDown();
      return;
    }
    events.accept("%s died (exit status %d); starting it again".formatted(member.name(), dead.exitValue()));
    Thread again = new Thread(this::startAgain, "restart-" + member.name());
    again.setDaemon(true);
    again.start();
  }

  private void startAgain() {
    try {
      if (end.await(RESTART_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) return;
      synchronized (this) {
        if (stopping) end.countDown();
        else start();
      }
    } catch (IOException e) {
      events.accept("%s cannot be started again: %s".formatted(member.name(), e.getMessage()));
      end.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void askToStop() {
    stopping = true;
    if (process == null || !process.isAlive()) end.countDown();
    else process.destroy();
  }

  /** @param deadline on {@link System#nanoTime}'s clock; past it the process is killed */
  void stopBy(long deadline) {
    Process last = process();
    if (last == null) return;
    try {
      if (!last.waitFor(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) last.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      last.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  void awaitEnd() throws InterruptedException {
    end.await();
  }

  void markReady() {
    startToReady = Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  private synchronized Process process() {
    return process;
  }

  public Member member() {
    return member;
  }

  public String name() {
    return member.name();
  }

  public long pid() {
    return process().pid();
  }

  public boolean isAlive() {
    return process().isAlive();
  }

  boolean restarts() {
    return restarts;
  }

  int exitStatus() {
    return process().exitValue();
  }

  /** From its start to the first time it said that it was ready; zero before. */
  public Duration startToReady() {
    return startToReady;
  }

  /** Memory that the process occupies, in bytes; empty where the system does not tell. */
  public OptionalLong residentBytes() {
    return ResidentMemory.of(pid());
  }

  public Path log() {
    return log;
  }

  String logTail() {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - TAIL_LINES), all.size()));
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }
}
