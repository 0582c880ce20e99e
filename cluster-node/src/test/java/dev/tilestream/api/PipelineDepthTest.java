package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** In a time that the test makes: so many frames come in a second, and so many can be answered, by how many are under way. */
class PipelineDepthTest {
  private static final double SECOND = 1e9;

  private final PipelineDepth pipeline = new PipelineDepth(4, 0);
  private double now;
  private int changes;

  private void stream(double seconds, double coming, IntToDoubleFunction answered) {
    for (double end = now + seconds * SECOND; now < end; ) {
      double possible = answered.applyAsDouble(pipeline.depth());
      now += SECOND / Math.min(coming, possible);
      int before = pipeline.depth();
      pipeline.answered(possible < coming, (long) now);
      if (pipeline.depth() != before) changes++;
    }
  }

  @Test
  void staysShortWhereOneAtATimeIsEnough() {
    stream(600, 15, depth -> 20 * depth);
    assertThat(pipeline.depth()).isEqualTo(1);
    assertThat(changes).isZero();
  }

  @Test
  void growsWhileThatGains() {
    stream(60, 100, depth -> depth == 1 ? 10 : depth == 2 ? 18 : 30);
    assertThat(pipeline.depth()).isEqualTo(4);
    assertThat(changes).isEqualTo(2);
  }

  @Test
  void comesBackFromWhatGainedNothingAndTriesThatSeldom() {
    stream(3600, 100, depth -> depth == 1 ? 10 : 10.3);
    assertThat(changes).as("there and back in an hour").isBetween(4, 24);
    stream(40, 100, depth -> depth == 1 ? 10 : 10.3);
    assertThat(pipeline.depth()).isEqualTo(1);
  }

  @Test
  void staysAsDeepAsTheFramesNeedIt() {
    stream(600, 15, depth -> depth == 1 ? 10 : 20);
    assertThat(pipeline.depth()).isEqualTo(2);
    assertThat(changes).isEqualTo(1);
  }

  @Test
  void becomesShortAgainWhenFewerFramesCome() {
    stream(60, 15, depth -> depth == 1 ? 10 : 20);
    stream(60, 5, depth -> depth == 1 ? 10 : 20);
    assertThat(pipeline.depth()).isEqualTo(1);
  }
}
