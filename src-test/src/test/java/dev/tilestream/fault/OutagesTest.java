package dev.tilestream.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.cli.LinkRate;
import dev.tilestream.tile.RateTrace;
import org.junit.jupiter.api.Test;

class OutagesTest {
  private static final LinkRate RATE = LinkRate.parse("80mbit");

  @Test
  void theVictimIsSilentForAsLongAsTheFaultLastsAndTheOthersAreNot() {
    Outages outages = Outages.of(FaultKind.OUTAGE, 5);
    for (Outages.Window w : outages.windows())
      for (int node = 0; node < Ground.NAMES.size(); node++) {
        RateTrace trace = outages.trace(node, RATE);
        boolean silent = node == w.node();
        assertThat(trace.bytesPerSecond(w.fromSecond() + 0.01)).isEqualTo(silent ? 0 : 10e6);
        assertThat(trace.bytesPerSecond(w.fromSecond() + 2.99)).isEqualTo(silent ? 0 : 10e6);
        assertThat(trace.bytesPerSecond(w.fromSecond() - 0.01)).isEqualTo(10e6);
        assertThat(trace.bytesPerSecond(w.fromSecond() + 3.01)).isEqualTo(10e6);
      }
  }

  @Test
  void aPartitionSilencesAllAndABlackholeOneOfTwo() {
    Outages partition = Outages.of(FaultKind.PARTITION, 5);
    double inside = partition.windows().get(7).fromSecond() + 1;
    for (int node = 0; node < Ground.NAMES.size(); node++) assertThat(partition.trace(node, RATE).bytesPerSecond(inside)).isZero();
    Outages blackhole = Outages.of(FaultKind.BLACKHOLE, 5);
    for (Outages.Window w : blackhole.windows()) {
      int silent = w.sourceSilent() ? 0 : w.node();
      for (int node = 0; node < Ground.NAMES.size(); node++)
        assertThat(blackhole.trace(node, RATE).bytesPerSecond(w.fromSecond() + 1) == 0).isEqualTo(node == silent);
    }
  }

  @Test
  void traceAndPlanRepeatTogether() {
    Outages outages = Outages.of(FaultKind.OUTAGE, 9);
    double round = outages.windows().size() * outages.periodSeconds();
    assertThat(outages.trace(1, RATE).seconds()).isCloseTo(round, within(1e-6));
    Outages.Window first = outages.after(0);
    assertThat(outages.after(round).fromSecond()).isCloseTo(round + first.fromSecond(), within(1e-6));
    Outages.Window last = outages.windows().get(outages.windows().size() - 1);
    assertThat(outages.after(last.fromSecond()).fromSecond()).isCloseTo(round + first.fromSecond(), within(1e-6));
    assertThat(outages.after(first.fromSecond() - 1)).isEqualTo(first);
  }
}
