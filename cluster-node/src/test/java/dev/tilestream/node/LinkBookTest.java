package dev.tilestream.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.tile.Emulation;
import dev.tilestream.tile.LinkReport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LinkBookTest {
  private static final long MUCH = 1L << 30;

  @Test
  void aLinkIsAssumedUntilThereWasTrafficEnoughToMeasureIt() {
    LinkBook book = new LinkBook(Emulation.NONE, 5e6);
    assertThat(book.estimate("edge").bytesPerSecond()).isEqualTo(5e6);
    book.note(report("edge", 1e3, 0, 100));
    assertThat(book.estimate("edge").bytesPerSecond()).isEqualTo(5e6);
    book.note(report("edge", 2e6, 0.010, MUCH));
    assertThat(book.estimate("edge").bytesPerSecond()).isEqualTo(2e6);
    assertThat(book.estimate("edge").delaySeconds()).isEqualTo(0.005);
    assertThat(book.estimate("edge").rateDeviation()).isEqualTo(0.1);
    assertThat(book.estimate("edge").delayDeviationSeconds()).isEqualTo(0.002);
    assertThat(book.estimate("other").rateDeviation()).as("nobody knows").isEqualTo(1);
    assertThat(book.estimate("other").bytesPerSecond()).isEqualTo(5e6);
  }

  @Test
  void anEmulatedLinkIsAsFastAndFarAsItIsMade() {
    LinkBook book = new LinkBook(Emulation.of(1e6, Duration.ofMillis(3)), 5e6);
    assertThat(book.estimate("edge").bytesPerSecond()).isEqualTo(1e6);
    assertThat(book.estimate("edge").delaySeconds()).isEqualTo(0.003);
  }

  @Test
  void aPeerThatLeftIsForgotten() {
    LinkBook book = new LinkBook(Emulation.NONE, 5e6);
    book.note(report("edge", 2e6, 0.010, MUCH));
    book.forget("edge");
    assertThat(book.estimate("edge").bytesPerSecond()).isEqualTo(5e6);
  }

  private static LinkReport report(String peer, double bytesPerSecond, double roundTrip, long sent) {
    return new LinkReport(peer, true, false, bytesPerSecond, 0.1, roundTrip, 0.002, 0, sent, 1, 0, 0, 0);
  }
}
