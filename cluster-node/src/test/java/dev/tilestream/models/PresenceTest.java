package dev.tilestream.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PresenceTest {
  private final Presence presence = new Presence();

  @Test
  void answersOfAMemberThatGoesFailAtOnce() {
    CompletableFuture<String> late = presence.during(new CompletableFuture<String>()).toCompletableFuture();
    assertThat(late).isNotDone();
    presence.end();
    assertThatThrownBy(late::join).hasMessageContaining("does not answer any more");
    CompletableFuture<String> later = presence.during(new CompletableFuture<String>()).toCompletableFuture();
    assertThatThrownBy(later::join).hasMessageContaining("does not answer any more");
  }

  @Test
  void answersThatCameBeforeAreKept() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    CompletableFuture<String> kept = presence.during(answer).toCompletableFuture();
    answer.complete("here");
    presence.end();
    assertThat(kept.join()).isEqualTo("here");
  }
}
