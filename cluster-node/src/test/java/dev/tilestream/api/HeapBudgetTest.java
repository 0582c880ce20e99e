package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.picture.PictureMemory;
import org.junit.jupiter.api.Test;

class HeapBudgetTest {
  private final HeapBudget budget = new HeapBudget(100);

  private static int status(org.assertj.core.api.ThrowableAssert.ThrowingCallable refused) {
    int[] status = new int[1];
    assertThatThrownBy(refused).isInstanceOfSatisfying(ApiError.class, e -> status[0] = e.status());
    return status[0];
  }

  @Test
  void picturesShareItWithBodiesAndGiveBackWhatTheyClaimed() {
    budget.take(60);
    assertThat(status(() -> budget.claim(41))).as("later").isEqualTo(503);
    try (PictureMemory.Claim all = budget.claim(40)) {
      assertThat(status(() -> budget.take(1))).isEqualTo(503);
    }
    budget.take(40);
  }

  @Test
  void whatNeverFitsIsTooLargeAndNotToBeTriedAgain() {
    assertThat(status(() -> budget.claim(101))).isEqualTo(413);
    budget.take(100);
  }
}
