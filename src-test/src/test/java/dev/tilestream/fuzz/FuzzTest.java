package dev.tilestream.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The same cases every time, some seconds a target; {@code ./tilestream bench fuzz} goes on from there. */
class FuzzTest {
  /** Nothing found, and the broken are as broken as they should be: some are still taken, most are refused, for many a reason. */
  private static void withstands(Tally tally, int reasons) {
    assertThat(tally.findings()).as(tally.toString()).isEmpty();
    assertThat(tally.taken()).as(tally.toString()).isBetween(tally.cases() / 50, tally.cases() * 2 / 3);
    assertThat(tally.outcomes().size()).as(tally.toString()).isGreaterThanOrEqualTo(reasons);
  }

  @Test
  void theCodecWithstandsBrokenMessages() throws IOException {
    Tally tally = Targets.run("codec", Extent.ofCases(1, 100_000));
    withstands(tally, 10);
    assertThat(tally.outcomes()).containsKeys(
        "length", "magic", "version", "encoding", "dtype", "axis", "rank", "dims[0]", "span", "tile", "payload");
  }

  @Test
  void theReadersOfBodiesWithstandBrokenRequests() throws IOException {
    Tally tally = Targets.run("http", Extent.ofCases(1, 10_000));
    withstands(tally, 4);
    assertThat(tally.outcomes().keySet()).isSubsetOf(Trial.TAKEN, "400", "413", "501", "503");
  }

  @Test
  void theDecoderWithstandsBrokenPictures() throws IOException {
    withstands(Targets.run("picture", Extent.ofCases(1, 4_000)), 4);
  }

  @Test
  void theReaderOfSettingsWithstandsBrokenOnes() throws IOException {
    withstands(Targets.run("config", Extent.ofCases(1, 5_000)), 2);
  }

  @Test
  void theImporterWithstandsBrokenModels() throws IOException {
    withstands(Targets.run("onnx", Extent.ofCases(1, 150)), 4);
  }

  @Test
  void theSameSeedIsTheSameInput() throws IOException {
    for (String target : List.of("codec", "config", "http", "onnx", "picture"))
      for (long seed : new long[] {1, 2, 99}) assertThat(Targets.input(target, seed)).as(target).isEqualTo(Targets.input(target, seed));
    assertThat(Arrays.equals(Targets.input("http", 1), Targets.input("http", 2))).isFalse();
  }
}
