package dev.tilestream.fault;

import dev.tilestream.client.Credentials;
import dev.tilestream.client.NodeClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One node as a process that can be killed, started again and made to stand still. It ends when this process does. */
public final class LiveNode {
  private static final long STOP_SECONDS = 10;

  private final Place place;
  private final List<String> command;
  private final Path log;
  private final NodeClient client;
  private final NodeFace face;
  private Process process;

  /** @param command its whole command line */
  LiveNode(Place place, List<String> command, Path logs) {
    this.place = place;
    this.command = List.copyOf(command);
    log = logs.resolve(place.name() + ".log");
    client = new NodeClient(place.http(), new Credentials(Optional.empty(), Optional.of(FleetToken.VALUE)));
    face = new NodeFace(place);
  }

  synchronized void start() {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().put("TILESTREAM_NO_BUILD", "1");
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code kill -9}; returns when it is dead. */
  synchronized void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Stands still until {@link #goOn}. */
  void standStill() throws InterruptedException {
    signal("STOP");
  }

  void goOn() throws InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws InterruptedException {
    try {
      int status = new ProcessBuilder("bash", "-c", "kill -%s %d".formatted(name, pid())).start().waitFor();
      if (status != 0) throw new IllegalStateException("kill -%s %d: status %d".formatted(name, pid(), status));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it to leave. */
  synchronized void askToStop() {
    if (process != null) process.destroy();
  }

  /** Ends it by force when it does not leave in time. */
  synchronized void end() throws InterruptedException {
    if (process != null && !process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
  }

  public String name() {
    return place.name();
  }

  public synchronized long pid() {
    return process.pid();
  }

  public synchronized boolean isAlive() {
    return process.isAlive();
  }

  public NodeClient client() {
    return client;
  }

  /** What it tells of itself. */
  public NodeFace face() {
    return face;
  }

  /** All that it printed, by all its processes. */
  public String log() {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
