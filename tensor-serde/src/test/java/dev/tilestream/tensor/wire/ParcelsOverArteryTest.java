package dev.tilestream.tensor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.AbstractActor;
import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.actor.ExtendedActorSystem;
import akka.actor.Props;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two actor systems joined by Artery TCP on the loopback device: whatever happens to a parcel, its memory comes back on both sides. */
class ParcelsOverArteryTest {
  private static final int ROWS = 64;
  private static final Shape SHAPE = Shape.of(1, 16, 2 * ROWS, 64);
  private static final Config CONFIG = ConfigFactory.parseString("""
      akka.actor.provider = remote
      akka.log-dead-letters = off
      akka.coordinated-shutdown.exit-jvm = off
      akka.remote.artery {
        transport = tcp
        canonical { hostname = "127.0.0.1", port = 0 }
        large-message-destinations = ["/user/receiver"]
        advanced { maximum-large-frame-size = 1 MiB, outbound-large-message-queue-size = 64 }
      }
      """).withFallback(ConfigFactory.load());

  private ActorSystem here;
  private ActorSystem there;
  private BufferPool pool;
  private BufferPool farPool;
  private final AtomicInteger intact = new AtomicInteger();

  /** Checks the content and releases. */
  private final class Receiver extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder().match(Parcel.class, this::onParcel).build();
    }

    private void onParcel(Parcel parcel) {
      TensorSlice rows = parcel.rows();
      int last = (int) rows.bytes() - 4;
      int number = (int) parcel.inference().sequence();
      if (rows.data().getInt(0) == number && rows.data().getInt(last) == ~number) intact.incrementAndGet();
      rows.release();
    }
  }

  @BeforeEach
  void start() {
    here = ActorSystem.create("here", CONFIG);
    there = ActorSystem.create("there", CONFIG);
    pool = TensorMemory.of(here).pool();
    farPool = TensorMemory.of(there).pool();
  }

  @AfterEach
  void stop() throws Exception {
    here.terminate();
    there.terminate();
    here.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    there.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void stridedRowsArriveIntactAndBothPoolsComeBackToZero() {
    there.actorOf(Props.create(Receiver.class, Receiver::new), "receiver");
    ActorRef receiver = remote("receiver");
    for (int round = 1; round <= 10; round++) {
      for (int i = 0; i < 20; i++) receiver.tell(parcel(SHAPE, ROWS, round * 100 + i), ActorRef.noSender());
      int expected = round * 20;
      await().atMost(Duration.ofSeconds(20)).until(() -> intact.get() == expected);
    }
    awaitNothingInUse();
  }

  @Test
  void parcelsThatOverflowTheSendQueueAreReleasedOnceAndNotTwice() {
    there.actorOf(Props.create(Receiver.class, Receiver::new), "receiver");
    List<TensorSlice> kept = tellAndKeep(1_000, Shape.of(1, 2, 128, 8));
    awaitReleasedExactlyOnce(kept);
    assertThat(intact.get()).as("delivered; the others were dropped").isBetween(1, 999);
  }

  @Test
  void parcelsTooLargeForAFrameOrWithoutAReceiverAreReleasedOnceAndNotTwice() {
    awaitReleasedExactlyOnce(tellAndKeep(3, Shape.of(1, 64, 2 * ROWS, 64)));
    awaitReleasedExactlyOnce(tellAndKeep(3, SHAPE));
    there.actorOf(Props.create(Receiver.class, Receiver::new), "receiver");
    awaitReleasedExactlyOnce(tellAndKeep(1, SHAPE));
    await().atMost(Duration.ofSeconds(20)).until(() -> intact.get() == 1);
    awaitNothingInUse();
  }

  /** Tells them all at once to the remote receiver and keeps one reference of each. */
  private List<TensorSlice> tellAndKeep(int parcels, Shape shape) {
    ActorRef receiver = remote("receiver");
    List<TensorSlice> kept = new ArrayList<>();
    for (int i = 0; i < parcels; i++) {
      Parcel parcel = parcel(shape, ROWS, i);
      kept.add(parcel.rows().retain());
      receiver.tell(parcel, ActorRef.noSender());
    }
    return kept;
  }

  /** A second release would take the reference kept by the test. */
  private void awaitReleasedExactlyOnce(List<TensorSlice> kept) {
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(references(kept)).containsOnly(1));
    letEarlierDeadLettersPass();
    assertThat(references(kept)).containsOnly(1);
    kept.forEach(TensorSlice::release);
    awaitNothingInUse();
  }

  /** They are handled in order: when this one was, so were all before it. */
  private void letEarlierDeadLettersPass() {
    Parcel last = parcel(SHAPE, ROWS, 0);
    last.rows().retain();
    here.deadLetters().tell(last, ActorRef.noSender());
    await().atMost(Duration.ofSeconds(20)).until(() -> last.rows().buffer().references() == 1);
    last.rows().release();
  }

  private static List<Integer> references(List<TensorSlice> slices) {
    return slices.stream().map(slice -> slice.buffer().references()).toList();
  }

  private void awaitNothingInUse() {
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
      assertThat(pool.inUse()).as("in use at the sender").isZero();
      assertThat(farPool.inUse()).as("in use at the receiver").isZero();
    });
  }

  private ActorRef remote(String name) {
    ExtendedActorSystem far = (ExtendedActorSystem) there;
    return ((ExtendedActorSystem) here).provider().resolveActorRef(far.provider().getDefaultAddress() + "/user/" + name);
  }

  /** The upper rows of memory that holds twice as many, marked with its number at both ends. */
  private Parcel parcel(Shape shape, int rows, int number) {
    TensorSlice held = TensorSlice.allocate(pool, 1, DataType.INT32, shape, 2, RowSpan.first(2 * rows));
    TensorSlice part = held.rows(RowSpan.first(rows));
    held.release();
    part.buffer().bytes().putInt(part.runOffset(0), number);
    part.buffer().bytes().putInt(part.runOffset(part.runs() - 1) + part.runBytes() - 4, ~number);
    return new Parcel(new DeploymentId(1, 1), new InferenceId(1, number), 0, 0, part);
  }
}
