package dev.tilestream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.MemberStatus;
import akka.cluster.sharding.ShardRegion.ClusterShardingStats;
import akka.cluster.sharding.typed.GetClusterShardingStats;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import akka.cluster.typed.Leave;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where sessions live when nodes come and go; real sharding, several members in this process. */
class SessionHomesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int STREAMS = 60;

  private record Member(ActorSystem<Void> system, Sessions sessions) {
    Cluster cluster() {
      return Cluster.get(system);
    }

    String address() {
      return cluster().selfMember().address().toString();
    }
  }

  private final List<Member> members = new ArrayList<>();

  @AfterEach
  void stop() {
    members.forEach(m -> m.system.terminate());
    members.forEach(m -> m.system.getWhenTerminated().toCompletableFuture().join());
  }

  private Member start(String name, String allocation) {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "tilestream", ConfigFactory.parseString("""
        akka.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
        akka.cluster.run-coordinated-shutdown-when-down = off
        akka.cluster.sharding.rebalance-interval = 1s
        tilestream.session { allocation = %s, ask-timeout = 5s }
        """.formatted(allocation)).withFallback(ConfigFactory.load()));
    Sessions sessions = Sessions.start(system, name, request -> CompletableFuture.completedFuture(new InferenceAnswer(
        "1", Map.of(), Strategy.LOCAL, List.of(name), Duration.ZERO, InferenceAnswer.Prediction.NONE, 0, true, List.of())));
    Member member = new Member(system, sessions);
    Cluster first = members.isEmpty() ? member.cluster() : members.get(0).cluster();
    members.add(member);
    member.cluster().manager().tell(Join.create(first.selfMember().address()));
    await().atMost(PATIENCE).until(() -> member.cluster().selfMember().status() == MemberStatus.up());
    return member;
  }

  private static void askOfEveryStream(Member member) {
    for (int i = 0; i < STREAMS; i++) {
      InferenceAnswer answer = member.sessions.infer(new InferenceRequest(
          "m", Optional.empty(), "camera-" + i, Map.of(), List.of(), Optional.empty(), Optional.empty(), false)).toCompletableFuture().join();
      assertThat(answer.devices()).hasSize(1);
    }
  }

  /** Shards by the address of their member. */
  private static Map<String, Integer> shards(Member asked) {
    ClusterShardingStats stats = AskPattern.<akka.cluster.sharding.typed.ClusterShardingQuery, ClusterShardingStats>ask(
        ClusterSharding.get(asked.system).shardState(),
        (ActorRef<ClusterShardingStats> replyTo) -> new GetClusterShardingStats(Sessions.KEY, Duration.ofSeconds(3), replyTo),
        Duration.ofSeconds(5), asked.system.scheduler()).toCompletableFuture().join();
    Map<String, Integer> byMember = new HashMap<>();
    stats.getRegions().forEach((address, region) -> byMember.put(
        address.hasLocalScope() ? asked.address() : address.toString(), region.getStats().size()));
    return byMember;
  }

  @Test
  void leastShardsAreRebalancedWhenAMemberJoinsAndMoveWhenOneGoes() {
    Member first = start("robot-1", "least-shards");
    askOfEveryStream(first);
    int all = shards(first).get(first.address());
    assertThat(all).isGreaterThan(10);
    Member second = start("robot-2", "least-shards");
    await().atMost(PATIENCE).untilAsserted(() -> {
      assertThat(shards(first).getOrDefault(second.address(), 0)).isGreaterThanOrEqualTo(all / 3);
    });
    askOfEveryStream(second);
    first.cluster().manager().tell(Leave.create(first.cluster().selfMember().address()));
    await().atMost(PATIENCE).until(() -> first.cluster().isTerminated() || second.cluster().state().members().size() == 1);
    await().atMost(PATIENCE).untilAsserted(() -> {
      askOfEveryStream(second);
      assertThat(shards(second).get(second.address())).isGreaterThanOrEqualTo(all);
    });
  }

  @Test
  void nearTheSourceTheyStayWhereTheyWereAskedFor() {
    Member first = start("robot-1", "near-source");
    Member second = start("robot-2", "near-source");
    askOfEveryStream(first);
    int all = shards(first).get(first.address());
    assertThat(all).isGreaterThan(10);
    askOfEveryStream(second);
    assertThat(shards(second).getOrDefault(second.address(), 0)).as("asked for elsewhere first").isZero();
    assertThat(shards(first).get(first.address())).isEqualTo(all);
  }
}
