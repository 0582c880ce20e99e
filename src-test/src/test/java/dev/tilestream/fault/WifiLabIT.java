package dev.tilestream.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.cli.LinkRate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script, by what it says. Skipped, with its own reason, where this machine can have no lab. */
class WifiLabIT {
  private static final List<String> NAMES = List.of("one", "two", "three");

  @BeforeEach
  void onlyWhereThereCanBeOne() {
    assumeThat(WifiLab.absence()).as("the Wi-Fi lab").isEmpty();
  }

  private static WifiLab up() {
    return WifiLab.up(NAMES, LinkRate.parse("20mbit"));
  }

  private static List<String> outOfReach(WifiLab lab) {
    return lab.say("show").lines().skip(1).limit(NAMES.size()).map(line -> line.replaceFirst("(\\S+\\s+){6}", "").strip()).toList();
  }

  @Test
  void everyNodeHasAnAddressOnTheAirAndAWirePastIt() {
    try (WifiLab lab = up()) {
      assertThat(NAMES).extracting(name -> lab.say("address", name)).containsExactly("10.77.0.1", "10.77.0.2", "10.77.0.3");
      assertThat(lab.say("wire", "two")).startsWith("10.78.").isNotEqualTo(lab.say("wire", "one"));
      assertThat(lab.say("show")).contains("rate 20Mbit");
      assertThat(lab.say("exec", "two", "ip", "-o", "address", "show")).contains("10.77.0.2/24");
    }
  }

  @Test
  void aBlackholeHasOneDirectionAndHealingEndsAll() {
    try (WifiLab lab = up()) {
      lab.say("blackhole", "one", "three");
      assertThat(outOfReach(lab)).containsExactly("", "", "one");
      lab.say("outage", "two");
      assertThat(outOfReach(lab)).containsExactly("", "everybody", "one");
      lab.say("heal");
      assertThat(outOfReach(lab)).containsExactly("", "", "");
      lab.say("partition", "one,two", "three");
      assertThat(outOfReach(lab)).containsExactly("three", "three", "one two");
    }
  }

  @Test
  void whatWasWrongIsSaidWithWhatWasExpected() {
    try (WifiLab lab = up()) {
      assertThatThrownBy(() -> lab.say("outage", "four")).hasMessageContaining("node: four (expected: one of one two three)");
      assertThatThrownBy(() -> lab.say("rate", "fast")).hasMessageContaining("rate: fast (expected: e.g. 93mbit");
      assertThatThrownBy(() -> lab.say("shake")).hasMessageContaining("shake: no such verb");
    }
  }

  @Test
  void nothingIsLeftNorNeedsToBeThereToGo(@TempDir Path directory) throws Exception {
    WifiLab lab = up();
    Path there = directory.resolve("there");
    Process inside = lab.start("exec", "one", "sh", "-c", "touch '%s'; exec sleep 600".formatted(there));
    await().until(() -> Files.exists(there));
    lab.say("down");
    assertThat(inside.waitFor(30, TimeUnit.SECONDS)).as("gone").isTrue();
    assertThat(inside.exitValue()).isNotZero();
    lab.close();
    assertThatThrownBy(() -> lab.say("show")).hasMessageContaining("no lab named").hasMessageContaining("is up");
  }
}
