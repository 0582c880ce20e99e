package dev.tilestream.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.repository.ModelId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionsTest {
  private static final ModelRecord MODEL = new ModelRecord("small", "3", "ab".repeat(32), 17, new byte[] {1, 2});

  @TempDir private Path directory;
  private final AtomicLong clock = new AtomicLong(1000);

  private Decisions again() {
    return Decisions.in(directory.resolve("robot-1.json"), directory.toString(), clock::get);
  }

  @Test
  void whatWasLoadedIsKnownAfterARestart() {
    Decisions before = again();
    before.load(MODEL, before.now());
    before.save();
    Decisions.Decision kept = again().loaded().get(0);
    assertThat(kept.at()).isEqualTo(1000);
    assertThat(kept.loaded().orElseThrow()).usingRecursiveComparison().isEqualTo(MODEL);
  }

  @Test
  void whatWasUnloadedStaysSoAfterARestart() {
    Decisions before = again();
    before.load(MODEL, before.now());
    before.unload(MODEL.id(), before.now());
    before.save();
    Decisions after = again();
    assertThat(after.loaded()).isEmpty();
    assertThat(after.unloaded()).extracting(Decisions.Decision::id).containsExactly(MODEL.id());
    assertThat(after.unloadedSince(MODEL.id(), 1000)).isEqualTo(Optional.of(1001L));
    assertThat(after.unloadedSince(MODEL.id(), 1001)).isEmpty();
  }

  @Test
  void ofTwoDecisionsTheLaterCountsInWhateverOrderTheyCome() {
    Decisions decisions = again();
    decisions.unload(MODEL.id(), 2000);
    decisions.load(MODEL, 1500);
    assertThat(decisions.loaded()).isEmpty();
    decisions.load(MODEL, 2500);
    assertThat(decisions.loadedSince(MODEL.id(), 2000)).isTrue();
  }

  @Test
  void aDecisionIsLaterThanAllThatWereHeardOfWhateverTheClockSays() {
    Decisions decisions = again();
    decisions.heard(5000);
    assertThat(decisions.now()).isEqualTo(5001);
    clock.set(9000);
    assertThat(decisions.now()).isEqualTo(9000);
  }

  @Test
  void aFileThatCannotBeReadIsIgnoredAndReplacedByTheNextDecision() throws IOException {
    for (String broken : new String[] {"{\"models\": [", "", "[]", "{}", "{\"models\": [{\"name\": \"../x\", \"version\": \"1\", \"at\": 3}]}"}) {
      Files.writeString(directory.resolve("robot-1.json"), broken);
      Decisions decisions = again();
      assertThat(decisions.loaded()).as(broken).isEmpty();
      decisions.load(MODEL, decisions.now());
      decisions.save();
      assertThat(again().loaded()).as(broken).hasSize(1);
    }
  }

  @Test
  void onlySoManyUnloadedModelsAreRemembered() {
    Decisions decisions = again();
    for (int i = 0; i < 300; i++) decisions.unload(new ModelId("m" + i, "1"), decisions.now());
    assertThat(decisions.unloaded()).extracting(Decisions.Decision::id).hasSize(256).doesNotContain(new ModelId("m0", "1")).contains(new ModelId("m299", "1"));
  }

  @Test
  void devicesOfOneNameInDifferentFleetsAreKeptApart() throws IOException {
    Path files = directory.resolve("decisions");
    Path one = Files.createDirectories(directory.resolve("one"));
    Path two = Files.createDirectories(directory.resolve("two"));
    Decisions first = Decisions.of(files, "robot-1", one);
    first.load(MODEL, first.now());
    first.save();
    assertThat(Decisions.of(files, "robot-1", two).loaded()).isEmpty();
    assertThat(Decisions.of(files, "robot-1", one).loaded()).hasSize(1);
    Files.delete(one);
    assertThat(Decisions.of(files, "robot-1", two).loaded()).isEmpty();
    try (var left = Files.list(files)) {
      assertThat(left).as("of repositories that are no more").isEmpty();
    }
  }
}
