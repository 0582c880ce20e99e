package dev.tilestream.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class AbsencesTest {
  @Test
  void aMemberIsOverdueAfterSoManyLooksInARow() {
    Absences absences = new Absences(3);
    assertThat(absences.overdue(Set.of("edge"))).isEmpty();
    assertThat(absences.overdue(Set.of("edge", "robot"))).isEmpty();
    assertThat(absences.overdue(Set.of("edge", "robot"))).containsExactly("edge");
    assertThat(absences.overdue(Set.of("edge", "robot"))).containsExactlyInAnyOrder("edge", "robot");
  }

  @Test
  void oneThatWasReachedInBetweenStartsAgain() {
    Absences absences = new Absences(2);
    absences.overdue(Set.of("edge"));
    absences.overdue(Set.of());
    assertThat(absences.overdue(Set.of("edge"))).isEmpty();
  }
}
