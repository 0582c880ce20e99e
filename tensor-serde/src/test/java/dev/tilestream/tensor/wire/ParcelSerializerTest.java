package dev.tilestream.tensor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.actor.DeadLetter;
import akka.actor.Dropped;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializer;
import akka.serialization.Serializers;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RandomSlices;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.io.NotSerializableException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParcelSerializerTest {
  /** The kinds of fields that control messages have. */
  record Hello(
      String name, InferenceId inference, RowSpan rows, Duration margin, List<Long> counts, Map<String, Double> rates, ActorRef from)
      implements ControlMessage {}

  private ActorSystem system;
  private Serialization serialization;
  private BufferPool pool;

  @BeforeEach
  void start() {
    system = ActorSystem.create(
        "serializer-test", ConfigFactory.parseString("akka.log-dead-letters = off").withFallback(ConfigFactory.load()));
    serialization = SerializationExtension.get(system);
    pool = TensorMemory.of(system).pool();
  }

  @AfterEach
  void stop() throws Exception {
    assertThat(pool.inUse()).isZero();
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void parcelsGoThroughAkkaAsByteBuffersAndAreGivenAway() throws Exception {
    Parcel parcel = parcel();
    byte[] content = RandomSlices.bytesOf(parcel.rows());
    ParcelSerializer serializer = (ParcelSerializer) serialization.findSerializerFor(parcel);
    ByteBuffer transport = ByteBuffer.allocateDirect(1 << 16);
    serializer.toBinary(parcel, transport);
    assertThat(pool.inUse()).isZero();
    transport.flip();
    String manifest = serializer.manifest(parcel);
    Parcel back = (Parcel) serialization.deserializeByteBuffer(transport, serializer.identifier(), manifest);
    assertThat(transport.hasRemaining()).isFalse();
    assertThat(back.inference()).isEqualTo(parcel.inference());
    assertThat(RandomSlices.bytesOf(back.rows())).isEqualTo(content);
    back.rows().release();
  }

  @Test
  void parcelsGoThroughAkkaAsArraysAndAreGivenAway() {
    Parcel parcel = parcel();
    byte[] content = RandomSlices.bytesOf(parcel.rows());
    byte[] bytes = serialization.serialize(parcel).get();
    assertThat(pool.inUse()).isZero();
    Serializer serializer = serialization.findSerializerFor(parcel);
    Parcel back = (Parcel) serialization.deserialize(bytes, serializer.identifier(), Serializers.manifestFor(serializer, parcel)).get();
    assertThat(back.deployment()).isEqualTo(parcel.deployment());
    assertThat(RandomSlices.bytesOf(back.rows())).isEqualTo(content);
    back.rows().release();
  }

  @Test
  void aSenderThatRetainsKeepsTheMemory() {
    Parcel parcel = parcel();
    parcel.rows().retain();
    serialization.serialize(parcel).get();
    assertThat(RandomSlices.bytesOf(parcel.rows())).hasSize(192);
    parcel.rows().release();
  }

  @Test
  void aParcelThatDoesNotFitIsLeftToTheDeadLetterThatFollows() {
    Parcel parcel = parcel();
    ParcelSerializer serializer = (ParcelSerializer) serialization.findSerializerFor(parcel);
    assertThatThrownBy(() -> serializer.toBinary(parcel, ByteBuffer.allocate(100))).isInstanceOf(BufferOverflowException.class);
    assertThat(parcel.rows().buffer().references()).isEqualTo(1);
    parcel.rows().release();
  }

  @Test
  void aParcelIsSerializedOnlyOnce() {
    Parcel parcel = parcel();
    serialization.serialize(parcel).get();
    assertThat(serialization.serialize(parcel).failed().get()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void ofAParcelThatFindsNoMemoryTheReceiverGetsAllButTheRows() throws Exception {
    Parcel parcel = parcel().numbered(300);
    long size = parcel.wireBytes();
    ParcelSerializer serializer = (ParcelSerializer) serialization.findSerializerFor(parcel);
    ByteBuffer bytes = ByteBuffer.wrap(serializer.toBinary(parcel));
    NativeBuffer hog = pool.acquire(system.settings().config().getBytes("tilestream.memory.limit"));
    assertThat(serializer.fromBinary(bytes, serializer.manifest(parcel)))
        .isEqualTo(new UnreadParcel(parcel.deployment(), parcel.inference(), parcel.tile(), size, 44));
    assertThat(bytes.hasRemaining()).isFalse();
    hog.release();
  }

  @Test
  void unknownManifestsAndBrokenBytesAreRefused() {
    int id = ParcelSerializer.IDENTIFIER;
    assertThat(serialization.deserialize(new byte[100], id, "Q").failed().get()).isInstanceOf(NotSerializableException.class);
    assertThat(serialization.deserialize(new byte[100], id, "P").failed().get())
        .isInstanceOf(WireFormatException.class).hasMessage("parcel magic: 0 (expected: 5354)");
  }

  @Test
  void parcelsThatReachNobodyAreReleased() {
    ActorRef nobody = system.provider().resolveActorRef("/user/nobody");
    nobody.tell(parcel(), ActorRef.noSender());
    system.eventStream().publish(new Dropped(parcel(), "send queue full", ActorRef.noSender(), nobody));
    system.eventStream().publish(new DeadLetter(parcel(), system.deadLetters(), nobody));
    await().atMost(Duration.ofSeconds(5)).until(() -> pool.inUse() == 0);
  }

  @Test
  void whatHoldsMemoryIsToldOnceThatItReachesNobody() {
    AtomicInteger told = new AtomicInteger();
    MemoryCarrier message = told::incrementAndGet;
    system.provider().resolveActorRef("/user/nobody").tell(message, ActorRef.noSender());
    parcelsThatReachNobodyAreReleased();
    assertThat(told).hasValue(1);
  }

  @Test
  void memoryHeldBeyondTheEndOfTheSystemStaysReadable() throws Exception {
    NativeBuffer held = pool.acquire(100_000);
    held.bytes().putLong(99_992, 7);
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(held.bytes().getLong(99_992)).isEqualTo(7);
    held.release();
    assertThat(pool.idle()).isZero();
    assertThatThrownBy(() -> pool.acquire(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void controlMessagesTravelAsCbor() {
    Hello hello = new Hello(
        "robot-1", new InferenceId(1, 2), RowSpan.of(3, 4), Duration.ofMillis(5), List.of(6L), Map.of("wlan0", 93e6), system.deadLetters());
    Serializer serializer = serialization.findSerializerFor(hello);
    assertThat(serializer.getClass().getSimpleName()).isEqualTo("JacksonCborSerializer");
    byte[] bytes = serialization.serialize(hello).get();
    String manifest = Serializers.manifestFor(serializer, hello);
    assertThat(serialization.deserialize(bytes, serializer.identifier(), manifest).get()).isEqualTo(hello);
  }

  @Test
  void controlMessagesThatBreakARecordsRuleAreRefused() {
    Hello hello = new Hello("a", null, RowSpan.of(3, 4), null, null, null, null);
    Serializer serializer = serialization.findSerializerFor(hello);
    byte[] bytes = serialization.serialize(hello).get();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("from") + 4] = 9;
    assertThat(serialization.deserialize(bytes, serializer.identifier(), Serializers.manifestFor(serializer, hello)).failed().get())
        .hasMessageContaining("rows: [9, 4)");
  }

  @Test
  void javaSerializationIsOff() {
    assertThat(serialization.serialize(new ArrayList<>(List.of(1))).isFailure()).isTrue();
  }

  private Parcel parcel() {
    TensorSlice wide = TensorSlice.allocate(pool, 3, DataType.FLOAT32, Shape.of(1, 3, 6, 4), 2, RowSpan.of(0, 6));
    for (int i = 0; i < 72; i++) wide.data().putFloat(4 * i, i);
    TensorSlice rows = wide.rows(RowSpan.of(1, 5));
    wide.release();
    return new Parcel(new DeploymentId(1, 2), new InferenceId(3, 4), 5, 6, rows);
  }
}
