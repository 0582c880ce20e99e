package dev.tilestream.blob;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.tilestream.repository.ModelCache;
import dev.tilestream.repository.Sha256;
import dev.tilestream.tensor.wire.ControlMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Serves pieces of files it has and pulls files it lacks, a piece at a time with a small window, from one peer. Runs on a dispatcher
 * that may block. A pull that makes no progress for {@link #PATIENCE} fails and can be asked for again: it goes on where it stopped.
 */
public final class Blobs extends AbstractBehavior<Blobs.Command> {
  /** Bytes of a piece: short enough to leave the lane to others in between. */
  static final int PIECE = 128 * 1024;

  static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int MOST_PULLS = 16;
  private static final Duration TICK = Duration.ofSeconds(2);

  public sealed interface Command {}

  /** From a peer: send me this piece. */
  public record Read(String sha256, long offset, ActorRef<Command> replyTo) implements Command, ControlMessage {}

  /** To a peer: the bytes at {@code offset}; none when the file is not here. */
  public record Piece(String sha256, long offset, byte[] bytes) implements Command, ControlMessage {}

  /** Pull a file from a peer; {@code done} gets its path. Joins a pull of the same file that is under way. */
  public record Pull(String sha256, long size, ActorRef<Command> from, CompletableFuture<Path> done) implements Command {}

  private record Tick() implements Command {}

  private final ModelCache cache;
  private final Function<String, Optional<Path>> files;
  private final Map<String, Download> downloads = new HashMap<>();

  private Blobs(ActorContext<Command> context, TimerScheduler<Command> timers, ModelCache cache, Function<String, Optional<Path>> files) {
    super(context);
    this.cache = cache;
    this.files = files;
    timers.startTimerWithFixedDelay(new Tick(), TICK);
  }

  /**
   * @param cache where pulled files go
   * @param files where this node has a file of that hash
   */
  public static Behavior<Command> create(ModelCache cache, Function<String, Optional<Path>> files) {
    // What can't be understood is its sender's bug: it gets no answer, everybody else still does.
    return Behaviors.<Command>supervise(
            Behaviors.setup(context -> Behaviors.withTimers(timers -> new Blobs(context, timers, cache, files))))
        .onFailure(RuntimeException.class, SupervisorStrategy.resume());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Read.class, this::onRead)
        .onMessage(Pull.class, this::onPull)
        .onMessage(Piece.class, this::onPiece)
        .onMessage(Tick.class, this::onTick)
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onRead(Read message) {
    byte[] bytes = new byte[0];
    Path file = Sha256.isOne(message.sha256) ? files.apply(message.sha256).orElse(null) : null;
    if (file != null && message.offset >= 0) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        bytes = new byte[(int) Math.max(0, Math.min(PIECE, channel.size() - message.offset))];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining() && channel.read(buffer, message.offset + buffer.position()) >= 0) {}
      } catch (IOException e) {
        getContext().getLog().warn("reading {}: {}", file, e.toString());
        bytes = new byte[0];
      }
    }
    message.replyTo.tell(new Piece(message.sha256, message.offset, bytes));
    return this;
  }

  private Behavior<Command> onPull(Pull message) {
    Download running = downloads.get(message.sha256);
    if (running != null) {
      running.waiting.add(message.done);
      return this;
    }
    if (downloads.size() >= MOST_PULLS) {
      String why = "%d model files are on their way here (expected: at most %d)".formatted(downloads.size() + 1, MOST_PULLS);
      message.done.completeExceptionally(new IOException(why));
      return this;
    }
    try {
      start(message);
    } catch (IOException | RuntimeException e) {
      message.done.completeExceptionally(e);
    }
    return this;
  }

  private void start(Pull message) throws IOException {
    Download download = new Download(cache.begin(message.sha256, message.size), message.size, message.from);
    download.waiting.add(message.done);
    downloads.put(message.sha256, download);
    try {
      ask(message.sha256, download);
    } catch (IOException e) {
      fail(message.sha256, download, e);
    }
  }

  private Behavior<Command> onPiece(Piece message) {
    Download download = downloads.get(message.sha256);
    if (download == null || message.offset != download.file.offset()) return this;
    try {
      if (message.bytes.length == 0) throw new IOException("the peer has no more of it at byte " + message.offset);
      download.file.append(message.offset, ByteBuffer.wrap(message.bytes));
      download.progress = System.nanoTime();
      ask(message.sha256, download);
    } catch (IOException e) {
      fail(message.sha256, download, e);
    }
    return this;
  }

  /** Asks for the next piece, or finishes. One piece in flight: models travel rarely, and must not crowd out tensors. */
  private void ask(String sha256, Download download) throws IOException {
    if (download.file.offset() < download.size) {
      download.from.tell(new Read(sha256, download.file.offset(), getContext().getSelf()));
      return;
    }
    Path path = download.file.finish();
    download.file.close();
    downloads.remove(sha256);
    download.waiting.forEach(w -> w.complete(path));
  }

  private Behavior<Command> onTick(Tick message) {
    long now = System.nanoTime();
    for (var entry : List.copyOf(downloads.entrySet())) {
      Download download = entry.getValue();
      Duration idle = Duration.ofNanos(now - download.progress);
      if (idle.compareTo(PATIENCE) > 0) fail(entry.getKey(), download, new IOException("no progress for " + PATIENCE));
      else if (idle.compareTo(TICK) > 0) download.from.tell(new Read(entry.getKey(), download.file.offset(), getContext().getSelf()));
    }
    return this;
  }

  private void fail(String sha256, Download download, IOException cause) {
    downloads.remove(sha256);
    try {
      download.file.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    IOException named = new IOException("model file " + sha256 + ": " + cause.getMessage(), cause);
    download.waiting.forEach(w -> w.completeExceptionally(named));
  }

  private Behavior<Command> onStop() {
    for (var entry : List.copyOf(downloads.entrySet())) fail(entry.getKey(), entry.getValue(), new IOException("this node stops"));
    return this;
  }

  private static final class Download {
    final ModelCache.Upload file;
    final long size;
    final ActorRef<Command> from;
    final List<CompletableFuture<Path>> waiting = new ArrayList<>();
    long progress = System.nanoTime();

    Download(ModelCache.Upload file, long size, ActorRef<Command> from) {
      this.file = file;
      this.size = size;
      this.from = from;
    }
  }
}
