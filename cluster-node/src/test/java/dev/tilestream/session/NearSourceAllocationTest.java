package dev.tilestream.session;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.testkit.TestProbe;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Vector$;

class NearSourceAllocationTest {
  @Test
  void aShardGoesToWhoAsksFirstAndStaysHoweverUnevenThatIs() {
    ActorSystem system = ActorSystem.create(
        "one", ConfigFactory.parseString("akka.actor.provider = local").withFallback(ConfigFactory.load()));
    try {
      ActorRef asks = TestProbe.apply(system).ref();
      ActorRef idle = TestProbe.apply(system).ref();
      IndexedSeq<String> none = Vector$.MODULE$.<String>empty();
      IndexedSeq<String> many = none;
      for (int i = 0; i < 50; i++) many = (IndexedSeq<String>) many.appended("shard-" + i);
      NearSourceAllocation allocation = new NearSourceAllocation();
      assertThat(allocation.allocateShard(asks, "shard", Map.of(idle, none, asks, many)).value().get().get()).isEqualTo(asks);
      assertThat(allocation.rebalance(Map.of(idle, none, asks, many), Set.of()).value().get().get()).isEmpty();
    } finally {
      system.terminate();
    }
  }

  @Test
  void streamsWithoutANameOfTheirOwnLiveAtTheirNode() {
    assertThat(StreamName.of(new StreamName("robot-1", "m").entityId())).isEqualTo(new StreamName("robot-1", "m"));
    assertThat(StreamName.of("camera")).isEqualTo(new StreamName("", "camera"));
  }
}
