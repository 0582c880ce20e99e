package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.scheduler.ModelStatus;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fleet that is stopped as a whole and started again. */
class RememberedModelsTest {
  @TempDir private Path directory;

  private static ModelStatus.State state(TestMembers members, String name) {
    return members.member(name).node().backend().models().model("small", Optional.empty()).orElseThrow().state();
  }

  private static void awaitUnloaded(TestMembers members, String... names) {
    await().atMost(TestMembers.PATIENCE).untilAsserted(() -> {
      for (String name : names) assertThat(state(members, name)).as(name).isEqualTo(ModelStatus.State.UNLOADED);
    });
  }

  private static void restart(TestMembers members) {
    members.stop("robot-1");
    members.stop("edge-1");
    members.start("robot-1");
    members.start("edge-1");
  }

  @Test
  void whatWasLoadedIsLoadedAgainAndWhatWasUnloadedIsNot() throws Exception {
    try (TestMembers members = new TestMembers(directory, "robot-1", "edge-1")) {
      members.start("robot-1");
      members.start("edge-1");
      assertThat(state(members, "robot-1")).isEqualTo(ModelStatus.State.UNLOADED);
      await().atMost(TestMembers.PATIENCE).until(() -> members.devices("robot-1").size() == 2);

      restart(members);
      assertThat(state(members, "robot-1")).as("ready, and nobody has asked").isEqualTo(ModelStatus.State.READY);
      assertThat(state(members, "edge-1")).isEqualTo(ModelStatus.State.READY);

      // At once, whether or not it sees the other already: that one hears of it when they meet.
      members.client("edge-1").unload("small");
      awaitUnloaded(members, "robot-1", "edge-1");
      restart(members);
      awaitUnloaded(members, "robot-1", "edge-1");
    }
  }

  @Test
  void whatWasUnloadedWhileAMemberWasAwayIsNotBroughtBackByIt() throws Exception {
    try (TestMembers members = new TestMembers(directory, "robot-1", "edge-1")) {
      members.start("robot-1");
      members.start("edge-1");
      await().atMost(TestMembers.PATIENCE).until(() -> members.devices("robot-1").size() == 2);
      members.stop("edge-1");
      members.client("robot-1").unload("small");

      members.start("edge-1");
      awaitUnloaded(members, "robot-1", "edge-1");
    }
  }
}
