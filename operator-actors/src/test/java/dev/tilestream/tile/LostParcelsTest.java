package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A link whose peer does not get all that is sent to it, as when a connection breaks and is made anew. */
class LostParcelsTest {
  private static final DeploymentId ID = new DeploymentId(1, 1);
  private static final Duration STALL = Duration.ofSeconds(15);

  private Device robot;

  /** @param loses whether what goes to a receiver, of that epoch, is lost on the way; the link's own device is its peer as well */
  private void start(BiPredicate<Integer, Object> loses) throws InterruptedException {
    LinkSettings link = new LinkSettings(
        8 << 10, 1 << 20, 256 << 10, 128, 8 << 20, STALL, Duration.ofMillis(100), Duration.ofSeconds(1), 0, false, Emulation.NONE);
    robot = Device.alone("robot", Device.settings().withLink(link));
    OperatorGraph graph = BoxGraph.chain(1, 1, 8, 4);
    robot.graphs.put(graph.hash(), graph);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot);
    robot.host.links().tell(new Links.Connect("edge", spawn(inbox(loses), "edge")));
    await().atMost(Device.PATIENCE).until(() -> robot.host.courier().reaches("edge"));
  }

  @AfterEach
  void everyNativeByteIsFreeAtTheEnd() {
    await().atMost(Device.PATIENCE).untilAsserted(() -> assertThat(robot.host.pool().inUse()).isZero());
    robot.close();
  }

  private <T> ActorRef<T> spawn(Behavior<T> behavior, String name) {
    CompletionStage<ActorRef<T>> ref = AskPattern.ask(
        robot.system, to -> new SpawnProtocol.Spawn<>(behavior, name, Props.empty(), to), Device.PATIENCE, robot.system.scheduler());
    return ref.toCompletableFuture().join();
  }

  private Behavior<Inbox.Command> inbox(BiPredicate<Integer, Object> loses) {
    return Behaviors.setup(context -> Behaviors.receive(Inbox.Command.class)
        .onMessage(Inbox.Open.class, open -> {
          ActorRef<Object> inbound =
              context.spawnAnonymous(InboundLink.create("robot", open.epoch(), open.link(), robot.host)).unsafeUpcast();
          Behavior<Object> way = Behaviors.receive(Object.class).onMessage(Object.class, message -> {
            if (!loses.test(open.epoch(), message)) inbound.tell(message);
            else if (message instanceof Parcel parcel) parcel.rows().release();
            return Behaviors.same();
          }).build();
          open.link().tell(new LinkActor.Opened(open.epoch(), context.spawnAnonymous(way).narrow()));
          return Behaviors.same();
        })
        .onMessage(Inbox.Probe.class, probe -> {
          probe.link().tell(new LinkActor.ProbeReply(probe.sentNanos(), System.nanoTime()));
          return Behaviors.same();
        })
        .onMessage(Inbox.Ping.class, ping -> {
          ping.link().tell(new LinkActor.Pong());
          return Behaviors.same();
        })
        .build());
  }

  private static InferenceId inference(int number) {
    return new InferenceId(1, number);
  }

  /** One row of 4 KiB, waited for. */
  private CompletionStage<List<TensorSlice>> send(int number) {
    TensorSlice row = TensorSlice.allocate(robot.host.pool(), 0, DataType.UINT8, Shape.of(4096), -1, RowSpan.first(1));
    Tensor tensor = new Tensor(0, "t", Tensor.Kind.VALUE, row.type(), row.shape(), row.axis());
    CompletionStage<List<TensorSlice>> answer = robot.host.joins().open(inference(number), List.of(tensor), Device.PATIENCE);
    robot.host.courier().send("edge", new Parcel(ID, inference(number), Parcel.SINK, 0, row));
    return answer;
  }

  private void comes(CompletionStage<List<TensorSlice>> answer) throws Exception {
    answer.toCompletableFuture().get(Device.PATIENCE.toSeconds(), TimeUnit.SECONDS).forEach(TensorSlice::release);
  }

  private static boolean carries(Object message, int number) {
    return message instanceof Parcel parcel && parcel.inference().equals(inference(number));
  }

  /** What the source is told of, until it was told of so many. */
  private Set<InferenceId> lost(int inferences) throws InterruptedException {
    Set<InferenceId> told = new HashSet<>();
    while (told.size() < inferences) {
      SourceEvent.TileFailed failed = (SourceEvent.TileFailed) robot.event();
      assertThat(failed.cause()).isEqualTo(SourceEvent.Cause.UNREACHABLE);
      assertThat(failed.reason()).contains("link to edge: rows were lost on the way");
      told.add(failed.inference());
    }
    return told;
  }

  private void giveUp(int number) {
    robot.host.joins().close(inference(number), new IllegalStateException("lost"));
  }

  @Test
  void whatIsLostIsToldAndWhatCameBeforeIsNot() throws Exception {
    start((epoch, message) -> carries(message, 3));
    for (int n = 1; n <= 2; n++) comes(send(n));
    long start = System.nanoTime();
    send(3);
    send(4).thenAccept(slices -> slices.forEach(TensorSlice::release));
    Set<InferenceId> lost = lost(1);
    assertThat(lost).isSubsetOf(inference(3), inference(4)).contains(inference(3));
    comes(send(5));
    assertThat(System.nanoTime() - start).isLessThan(STALL.toNanos() / 2);
    for (int n = 3; n <= 4; n++) giveUp(n);
  }

  @Test
  void nothingHasToComeBehindWhatIsLost() throws Exception {
    start((epoch, message) -> message instanceof Parcel && epoch == 1);
    long start = System.nanoTime();
    send(1);
    assertThat(lost(1)).containsExactly(inference(1));
    comes(send(2));
    assertThat(System.nanoTime() - start).isLessThan(STALL.toNanos() / 2);
    giveUp(1);
  }

  @Test
  void theWordOfAGapMayBeLostAsWellAsTheQuestion() throws Exception {
    Set<Object> asked = new HashSet<>();
    start((epoch, message) -> epoch == 1 && (message instanceof Parcel || asked.size() < 2 && asked.add(new Object())));
    send(1);
    assertThat(lost(1)).containsExactly(inference(1));
    giveUp(1);
  }
}
