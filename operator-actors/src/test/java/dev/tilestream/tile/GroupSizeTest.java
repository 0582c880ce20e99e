package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class GroupSizeTest {
  private final GroupSize sizes = new GroupSize(8, 1_000_000);

  /** Runs with so many waiting; {@code nanos} that a size takes. */
  private void run(int times, int waiting, IntToDoubleFunction nanos) {
    for (int i = 0; i < times; i++) {
      int size = sizes.of(waiting);
      sizes.took(size, (long) nanos.applyAsDouble(size));
    }
  }

  /** The larger of two choices in a row: one of them may look back at a smaller size. */
  private int usual(int waiting) {
    return Math.max(sizes.of(waiting), sizes.of(waiting));
  }

  @Test
  void whatSharesMostOfItsWorkIsComputedInLargeGroups() {
    run(100, 8, size -> 1000 + 100 * size);
    assertThat(usual(8)).isEqualTo(8);
    assertThat(usual(7)).as("as many as wait").isEqualTo(4);
    assertThat(sizes.of(1)).isEqualTo(1);
  }

  @Test
  void whatSharesNothingIsComputedByItself() {
    run(100, 8, size -> 1000 * size);
    assertThat(sizes.of(8)).isEqualTo(1);
  }

  @Test
  void theSizeThatTakesLeastForEachIsKept() {
    run(100, 8, size -> size <= 4 ? 1000 + 200 * size : 3000 * size);
    assertThat(usual(8)).isEqualTo(4);
  }

  @Test
  void aLargerSizeIsNotTriedWhereTheSmallerOneWasWorse() {
    run(20, 8, size -> {
      assertThat(size).isLessThanOrEqualTo(2);
      return size == 1 ? 1000 : 4000;
    });
  }

  @Test
  void whatDidNotPayIsTriedAgainAfterLong() {
    run(100, 2, size -> 1000 * size);
    run(4000, 2, size -> 1000 + 100 * size);
    assertThat(usual(2)).isEqualTo(2);
  }

  @Test
  void aGroupThatOthersWouldWaitForTooLongIsSmaller() {
    GroupSize brief = new GroupSize(8, 3000);
    for (int i = 0; i < 100; i++) {
      int size = brief.of(8);
      brief.took(size, 500 + 500L * size);
    }
    assertThat(Math.max(brief.of(8), brief.of(8))).as("2500 together; 4500 would be beyond a turn").isEqualTo(4);
  }

  @Test
  void whatWasSlowOnlyAtTheBeginningIsSeenToBeQuick() {
    run(20, 8, size -> size == 1 ? 5000 : 2000 * size);
    assertThat(usual(8)).isGreaterThan(1);
    run(600, 8, size -> size == 1 ? 1000 : 2000 * size);
    int alone = 0;
    for (int i = 0; i < 100; i++) if (sizes.of(8) == 1) alone++;
    assertThat(alone).isEqualTo(100);
  }

  @Test
  void whatFailedIsNever() {
    run(100, 8, size -> 1000 + 100 * size);
    sizes.never();
    run(5000, 8, size -> 1000 + 100 * size);
    assertThat(sizes.of(8)).isEqualTo(1);
  }
}
