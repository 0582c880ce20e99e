package dev.tilestream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.Config;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SessionTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static ActorTestKit kit;

  @BeforeAll
  static void start() {
    kit = ActorTestKit.create(ConfigFactory.parseString("akka.actor.provider = local").withFallback(ConfigFactory.load()));
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  private final TestProbe<Session.Admission> answers = kit.createTestProbe();

  private ActorRef<Session.Command> session(int window, Duration ticketLife) {
    return kit.spawn(Session.create(new SessionSettings(window, SessionSettings.Allocation.NEAR_SOURCE, Duration.ofSeconds(1), ticketLife)));
  }

  private Session.Admission admit(ActorRef<Session.Command> session, String ticket) {
    session.tell(new Session.Admit(ticket, answers.ref()));
    return answers.receiveMessage();
  }

  @Test
  void admitsAsManyAsItsWindowAndThenOneForEachThatEnds() {
    ActorRef<Session.Command> session = session(2, LONG);
    assertThat(admit(session, "a")).isEqualTo(new Session.Admission(true, 1));
    assertThat(admit(session, "b")).isEqualTo(new Session.Admission(true, 2));
    assertThat(admit(session, "c")).isEqualTo(new Session.Admission(false, 2));
    session.tell(new Session.Done("a"));
    assertThat(admit(session, "d")).isEqualTo(new Session.Admission(true, 2));
    assertThat(admit(session, "e").admitted()).isFalse();
  }

  @Test
  void aTicketThatEndsTwiceOrWasNeverGivenFreesOnePlaceAtMost() {
    ActorRef<Session.Command> session = session(2, LONG);
    admit(session, "a");
    admit(session, "b");
    session.tell(new Session.Done("a"));
    session.tell(new Session.Done("a"));
    session.tell(new Session.Done("never"));
    assertThat(admit(session, "c").admitted()).isTrue();
    assertThat(admit(session, "d").admitted()).isFalse();
  }

  @Test
  void aTicketWhoseHolderIsGoneStopsCounting() {
    ActorRef<Session.Command> session = session(1, Duration.ofMillis(50));
    assertThat(admit(session, "a").admitted()).isTrue();
    await().atMost(Duration.ofSeconds(10)).until(() -> admit(session, "b").admitted());
  }

  @Test
  void aWindowThatAdmitsNothingIsNoSetting() {
    assertThatThrownBy(() -> new SessionSettings(0, SessionSettings.Allocation.NEAR_SOURCE, LONG, LONG))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("window: 0");
  }

  @Test
  void readsWhereShardsGoFromTheConfiguration() {
    Config standard = ConfigFactory.load().getConfig("tilestream").atPath("tilestream");
    assertThat(SessionSettings.from(standard).allocation()).isEqualTo(SessionSettings.Allocation.NEAR_SOURCE);
    Config spread = ConfigFactory.parseString("tilestream.session.allocation = least-shards").withFallback(standard);
    assertThat(SessionSettings.from(spread).allocation()).isEqualTo(SessionSettings.Allocation.LEAST_SHARDS);
    Config wrong = ConfigFactory.parseString("tilestream.session.allocation = anywhere").withFallback(standard);
    assertThatThrownBy(() -> SessionSettings.from(wrong)).hasMessageContaining("anywhere (expected: near-source or least-shards)");
  }
}
