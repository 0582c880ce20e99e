package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FrameWindowTest {
  private final FrameWindow<String> window = new FrameWindow<>(1);

  private static long number(Optional<FrameWindow.Frame<String>> frame) {
    return frame.map(FrameWindow.Frame::number).orElse(-1L);
  }

  @Test
  void ofThoseThatComeMeanwhileTheNewestIsNext() {
    assertThat(number(window.offer("a", 0).begin())).isZero();
    assertThat(window.offer("b", 0)).isEqualTo(new FrameWindow.Step<>(Optional.empty(), Optional.empty()));
    assertThat(number(window.offer("c", 0).dropped())).isEqualTo(1);
    assertThat(number(window.offer("d", 0).dropped())).isEqualTo(2);
    assertThat(number(window.ended())).isEqualTo(3);
    assertThat(window.takeDropped()).containsExactly(new FrameWindow.Range(1, 3));
    assertThat(window.takeDropped()).isEmpty();
    assertThat(window.ended()).isEmpty();
    assertThat(window.idle()).isTrue();
  }

  @Test
  void aDeeperWindowBeginsMoreAndAShallowerOneLetsThemEnd() {
    window.depth(2);
    assertThat(window.offer("a", 0).begin()).isPresent();
    assertThat(window.offer("b", 0).begin()).isPresent();
    window.depth(1);
    window.offer("c", 0);
    assertThat(window.ended()).isEmpty();
    assertThat(number(window.ended())).isEqualTo(2);
  }

  /** Begun or told of as dropped, each exactly once, and begun ones in their order. */
  @RepeatedTest(50)
  void everyFrameHasOneFate(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Map<Long, String> fates = new HashMap<>();
    Deque<Long> underWay = new ArrayDeque<>();
    long came = 0;
    for (int step = 0; step < 500; step++) {
      switch (random.nextInt(6)) {
        case 0 -> window.depth(1 + random.nextInt(3));
        case 1 -> {
          window.skip();
          came++;
        }
        case 2, 3 -> {
          came++;
          begin(window.offer("", step).begin(), fates, underWay);
        }
        default -> {
          if (underWay.poll() != null) begin(window.ended(), fates, underWay);
        }
      }
      tell(fates);
    }
    window.clear();
    tell(fates);
    assertThat(fates).hasSize((int) came);
    assertThat(window.frames()).isEqualTo(came);
    assertThat(window.dropped()).isEqualTo(fates.values().stream().filter("dropped"::equals).count());
  }

  private static void begin(Optional<FrameWindow.Frame<String>> frame, Map<Long, String> fates, Deque<Long> underWay) {
    if (frame.isEmpty()) return;
    assertThat(fates.put(frame.get().number(), "begun")).isNull();
    if (!underWay.isEmpty()) assertThat(frame.get().number()).isGreaterThan(underWay.peekLast());
    underWay.add(frame.get().number());
  }

  private void tell(Map<Long, String> fates) {
    for (FrameWindow.Range range : window.takeDropped())
      for (long frame = range.from(); frame < range.to(); frame++) assertThat(fates.put(frame, "dropped")).isNull();
  }
}
