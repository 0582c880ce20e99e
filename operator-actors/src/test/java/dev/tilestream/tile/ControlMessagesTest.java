package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorRef;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that is told to another node survives the way there. */
class ControlMessagesTest {
  private static final DeploymentId ID = new DeploymentId(-3, 4);
  private static final InferenceId INFERENCE = new InferenceId(Long.MIN_VALUE, 12);
  private static Device device;

  @BeforeAll
  static void start() {
    device = Device.alone("robot");
  }

  @AfterAll
  static void stop() {
    device.close();
  }

  static List<Object> messages() {
    ActorRef<LinkActor.Command> link = ref();
    OperatorGraph graph = BoxGraph.chain(2, 1, 8, 4);
    Plan even = BoxGraph.even(graph, "robot", "edge");
    Plan timed = new Plan(graph.hash(), Strategy.HYBRID, even.devices(), even.tiles(), 0.25, Double.NaN, false);
    ActorRef<Deployments.Timings> timings = ref();
    return List.of(
        new Deployments.Deploy(ID, timed, "edge", device.source),
        new Deployments.Deploy(ID, truncated(even), "edge", device.source),
        new Deployments.Undeploy(ID, device.source),
        new Deployments.Expire(ID, INFERENCE),
        new Deployments.ReportTimings(INFERENCE, timings),
        new Deployments.Timings("edge", -5, List.of(new TileTiming(ID, 3, INFERENCE, 1, 2, 3))),
        new SourceEvent.Deployed(ID, "edge"),
        new SourceEvent.Refused(ID, "edge", "because"),
        new SourceEvent.Undeployed(ID, "edge"),
        new SourceEvent.TileFailed(ID, INFERENCE, -1, "edge", SourceEvent.Cause.EXHAUSTED, "full"),
        new Inbox.Open("robot", 2, link),
        new Inbox.Probe(99, link),
        new LinkActor.Opened(2, ref()),
        new LinkActor.Credit(2, 5, 1L << 40, List.of(-7L, 9L)),
        new LinkActor.Unknown(ID, INFERENCE, 8),
        new LinkActor.Gap(3),
        new InboundLink.Tally(1L << 33),
        new LinkActor.Exhausted(ID, INFERENCE, 8),
        new LinkActor.ProbeReply(77, 78));
  }

  private static Plan truncated(Plan plan) {
    List<Tile> tiles = plan.tiles().stream()
        .map(t -> new Tile(t.id(), t.device(), t.stages(), t.outputs(), t.urgency(), new Horizon(1.0 / 3, 0.75, 5)))
        .toList();
    return new Plan(plan.graphHash(), plan.strategy(), plan.devices(), tiles, 1, 2, false);
  }

  /** Any actor: what it would understand is not looked at. */
  @SuppressWarnings("unchecked")
  private static <T> ActorRef<T> ref() {
    return (ActorRef<T>) (ActorRef<?>) device.source;
  }

  @ParameterizedTest
  @MethodSource("messages")
  void comesOutAsItWentIn(Object message) throws NotSerializableException {
    Serialization serialization = SerializationExtension.get(device.system);
    byte[] bytes = serialization.serialize(message).get();
    assertThat(serialization.serializerFor(message.getClass()).getClass().getSimpleName()).isEqualTo("JacksonCborSerializer");
    Object back = serialization.deserialize(bytes, message.getClass()).get();
    assertThat(back).isEqualTo(message);
  }

  @Test
  void aPlanWithAnImpossibleHorizonIsRefused() {
    Serialization serialization = SerializationExtension.get(device.system);
    Plan plan = truncated(BoxGraph.even(BoxGraph.chain(2, 1, 8, 4), "robot", "edge"));
    byte[] bytes = serialization.serialize(new Deployments.Deploy(ID, plan, "edge", device.source)).get();
    byte[] share = ByteBuffer.allocate(8).putDouble(0.75).array();
    int at = indexOf(bytes, share);
    System.arraycopy(ByteBuffer.allocate(8).putDouble(Double.NaN).array(), 0, bytes, at, 8);
    assertThat(serialization.deserialize(bytes, Deployments.Deploy.class).failed().get()).hasMessageContaining("NaN");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) return i;
    throw new AssertionError("not there");
  }
}
