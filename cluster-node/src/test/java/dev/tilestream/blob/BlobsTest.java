package dev.tilestream.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.repository.ModelCache;
import dev.tilestream.repository.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes joined by Artery: files come whole and verified, or not at all. */
class BlobsTest {
  private static final int LARGEST = 4 << 20;
  private static final Config CONFIG = ConfigFactory.parseString("""
      akka.actor.provider = remote
      akka.remote.use-unsafe-remote-features-outside-cluster = on
      akka.remote.warn-about-direct-use = off
      akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
      """).withFallback(ConfigFactory.load());

  private final class Member implements AutoCloseable {
    final Map<String, Path> files = new ConcurrentHashMap<>();
    final ModelCache cache;
    final ActorSystem<Void> system;
    final ActorRef<Blobs.Command> blobs;

    Member(String name) throws IOException {
      cache = new ModelCache(directory.resolve(name), LARGEST);
      CompletableFuture<ActorRef<Blobs.Command>> ref = new CompletableFuture<>();
      system = ActorSystem.create(Behaviors.setup(context -> {
        ref.complete(context.spawn(
            Blobs.create(cache, sha256 -> Optional.ofNullable(files.get(sha256))), "blobs", DispatcherSelector.blocking()));
        return Behaviors.empty();
      }), "fleet", CONFIG);
      blobs = ref.join();
    }

    ActorRef<Blobs.Command> seenFrom(Member other) {
      return ActorRefResolver.get(other.system).resolveActorRef(ActorRefResolver.get(system).toSerializationFormat(blobs));
    }

    @Override
    public void close() {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  @TempDir private Path directory;
  private Member here;
  private Member there;
  private final byte[] content = new byte[3 * Blobs.PIECE + 1234];
  private String sha256;

  @BeforeEach
  void start() throws IOException {
    here = new Member("here");
    there = new Member("there");
    new Random(5).nextBytes(content);
    sha256 = Sha256.of(content);
    there.files.put(sha256, Files.write(directory.resolve("there.onnx"), content));
  }

  @AfterEach
  void stop() {
    here.close();
    there.close();
  }

  private CompletableFuture<Path> pull(String name, long size, ActorRef<Blobs.Command> from) {
    CompletableFuture<Path> done = new CompletableFuture<>();
    here.blobs.tell(new Blobs.Pull(name, size, from, done));
    return done.orTimeout(30, TimeUnit.SECONDS);
  }

  @Test
  void aFileComesWholeAndWhoAsksMeanwhileSharesThePull() throws IOException {
    CompletableFuture<Path> first = pull(sha256, content.length, there.seenFrom(here));
    CompletableFuture<Path> second = pull(sha256, content.length, there.seenFrom(here));
    assertThat(Files.readAllBytes(first.join())).isEqualTo(content);
    assertThat(second.join()).isEqualTo(first.join());
    assertThat(here.cache.find(sha256)).contains(first.join());
  }

  @Test
  void aBrokenPullGoesOnWhereItStopped() throws IOException {
    try (ModelCache.Upload begun = here.cache.begin(sha256, content.length)) {
      begun.append(0, ByteBuffer.wrap(content, 0, Blobs.PIECE + 7));
    }
    TestProbe<Blobs.Command> peer = TestProbe.create(here.system);
    CompletableFuture<Path> done = pull(sha256, content.length, peer.ref());
    long offset = peer.expectMessageClass(Blobs.Read.class).offset();
    assertThat(offset).isEqualTo(Blobs.PIECE + 7);
    here.blobs.tell(new Blobs.Piece(sha256, offset, Arrays.copyOfRange(content, (int) offset, content.length)));
    assertThat(Files.readAllBytes(done.join())).isEqualTo(content);
  }

  @Test
  void aPieceThatIsLostIsAskedForAgainAndOneThatComesTwiceCountsOnce() throws IOException {
    TestProbe<Blobs.Command> peer = TestProbe.create(here.system);
    CompletableFuture<Path> done = pull(sha256, content.length, peer.ref());
    assertThat(peer.expectMessageClass(Blobs.Read.class).offset()).isZero();
    assertThat(((Blobs.Read) peer.receiveMessage(Duration.ofSeconds(15))).offset()).isZero();
    Blobs.Piece half = new Blobs.Piece(sha256, 0, Arrays.copyOf(content, Blobs.PIECE));
    here.blobs.tell(half);
    here.blobs.tell(half);
    here.blobs.tell(new Blobs.Piece(sha256, Blobs.PIECE, Arrays.copyOfRange(content, Blobs.PIECE, content.length)));
    assertThat(Files.readAllBytes(done.join())).isEqualTo(content);
  }

  @Test
  void otherContentThanPromisedIsRefusedAndTheRightOneTakenNext() throws IOException {
    byte[] wrong = content.clone();
    wrong[Blobs.PIECE + 1] ^= 1;
    Path right = there.files.put(sha256, Files.write(directory.resolve("wrong.onnx"), wrong));
    assertThatThrownBy(() -> pull(sha256, content.length, there.seenFrom(here)).join()).hasMessageContaining("content has sha-256");
    assertThat(here.cache.find(sha256)).isEmpty();
    there.files.put(sha256, right);
    assertThat(Files.readAllBytes(pull(sha256, content.length, there.seenFrom(here)).join())).isEqualTo(content);
  }

  @Test
  void whatIsTooLargeMisnamedMissingOrShorterThanPromisedFailsAtOnce() {
    assertThatThrownBy(() -> pull(sha256, LARGEST + 1L, there.seenFrom(here)).join()).hasMessageContaining("expected: 0 to " + LARGEST);
    assertThatThrownBy(() -> pull(sha256, -1, there.seenFrom(here)).join()).hasMessageContaining("-1 bytes");
    assertThatThrownBy(() -> pull("../../etc/passwd", 10, there.seenFrom(here)).join()).hasMessageContaining("64 lower-case hex digits");
    assertThatThrownBy(() -> pull("0".repeat(64), 10, there.seenFrom(here)).join()).hasMessageContaining("no more of it at byte 0");
    assertThatThrownBy(() -> pull(sha256, content.length + 1L, there.seenFrom(here)).join())
        .hasMessageContaining("no more of it at byte " + content.length);
  }

  @Test
  void readersThatAskForNonsenseGetNothingAndTheNextOneIsServed() {
    TestProbe<Blobs.Command> reader = TestProbe.create(there.system);
    for (long offset : new long[] {-1, Long.MIN_VALUE, content.length, Long.MAX_VALUE}) {
      there.blobs.tell(new Blobs.Read(sha256, offset, reader.ref()));
      assertThat(reader.expectMessageClass(Blobs.Piece.class).bytes()).isEmpty();
    }
    for (String name : new String[] {null, "", "../secret"}) {
      there.blobs.tell(new Blobs.Read(name, 0, reader.ref()));
      assertThat(reader.expectMessageClass(Blobs.Piece.class).bytes()).isEmpty();
    }
    there.blobs.tell(new Blobs.Piece(sha256, 0, null));
    there.blobs.tell(new Blobs.Read(sha256, 0, null));
    there.blobs.tell(new Blobs.Read(sha256, content.length - 3, reader.ref()));
    byte[] last = Arrays.copyOfRange(content, content.length - 3, content.length);
    assertThat(reader.expectMessageClass(Blobs.Piece.class).bytes()).isEqualTo(last);
  }
}
