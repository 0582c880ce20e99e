package dev.tilestream.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** As {@link FuzzTest}, for what needs processes of the program. */
class FuzzIT {
  @Test
  void aNodeWithstandsBrokenRequests() throws IOException {
    Tally tally = Targets.run("node", Extent.ofCases(1, 400));
    assertThat(tally.findings()).as(tally.toString()).isEmpty();
    assertThat(tally.taken()).as(tally.toString()).isGreaterThan(20);
    assertThat(tally.outcomes()).as(tally.toString()).containsKeys("400", "404", "415");
  }
}
