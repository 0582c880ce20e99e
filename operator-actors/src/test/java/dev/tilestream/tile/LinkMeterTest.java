package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LinkMeterTest {
  private static final long MILLI = 1_000_000;
  private static final int CHUNK = 64 << 10;

  private final LinkMeter meter = new LinkMeter();
  private long sent;
  private long taken;

  private void send(long atMillis) {
    sent += CHUNK;
    meter.sent(sent, atMillis * MILLI);
  }

  private void acknowledge(long atMillis) {
    taken += CHUNK;
    meter.acknowledged(taken, true, atMillis * MILLI);
  }

  /** Each long after the one before, and acknowledged so much later. */
  private void chunksOneByOne(int count, long millis) {
    for (int i = 0; i < count; i++) {
      send(1000L * i);
      acknowledge(1000L * i + millis);
    }
  }

  @Test
  void measuresTheSpacingOfABackloggedLink() {
    meter.roundTrip(4 * MILLI);
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 40; i++) acknowledge(4 + 10 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void acknowledgementsThatComeTogetherDoNotMakeTheLinkLookFast() {
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 10; i++) for (int k = 0; k < 4; k++) acknowledge(40 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(0.2 * CHUNK / 0.010));
  }

  @Test
  void doesNotTakeAnIdleApplicationForASlowLink() {
    meter.roundTrip(4 * MILLI);
    chunksOneByOne(40, 14);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void followsALinkThatBecomesSlower() {
    meter.roundTrip(4 * MILLI);
    for (int i = 0; i < 120; i++) send(0);
    for (int i = 0; i < 60; i++) acknowledge(4 + 10 * (i + 1));
    for (int i = 0; i < 60; i++) acknowledge(604 + 40 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.040, within(0.1 * CHUNK / 0.040));
  }

  @Test
  void aLoneChunkOverALongWayIsNotTakenForASlowOne() {
    meter.roundTrip(40 * MILLI);
    chunksOneByOne(10, 50);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void afterAPauseWhatWasBelievedCountsLittle() {
    meter.roundTrip(4 * MILLI);
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 40; i++) acknowledge(4 + 10 * (i + 1));
    send(10_000);
    acknowledge(10_000 + 4 + 40);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.040, within(0.02 * CHUNK / 0.040));
  }

  @Test
  void aRoundTripMeasuredMuchTooLongCostsAtMostAFactorOfTwo() {
    meter.roundTrip(900 * MILLI);
    chunksOneByOne(40, 10);
    assertThat(meter.bytesPerSecond()).isBetween(CHUNK / 0.010, 2.01 * CHUNK / 0.010);
  }

  @Test
  void whatThePeerHeldBackSaysNothing() {
    send(0);
    meter.acknowledged(CHUNK, false, 500 * MILLI);
    assertThat(meter.bytesPerSecond()).isZero();
  }

  @Test
  void whatThePeerHeldBackCountsWithWhatFollowsIt() {
    meter.roundTrip(4 * MILLI);
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 40; i += 2) {
      // Of every two chunks, the peer tells of the first just before the second is there.
      taken += CHUNK;
      meter.acknowledged(taken, false, (4 + 10 * (i + 2) - 1) * MILLI);
      acknowledge(4 + 10 * (i + 2));
    }
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  /** A few bytes and a chunk sent together, each told of at its time. */
  private void headAndBody(long roundTripMillis, long headMillis, long bodyMillis) {
    meter.roundTrip(roundTripMillis * MILLI);
    meter.sent(1024, 0);
    meter.sent(1024 + CHUNK, 0);
    meter.acknowledged(1024, true, headMillis * MILLI);
    assertThat(meter.bytesPerSecond()).as("by the few bytes alone").isZero();
    meter.acknowledged(1024 + CHUNK, true, bodyMillis * MILLI);
  }

  @Test
  void aFewBytesSayWhenTheAirBeganWithTheRest() {
    headAndBody(40, 41, 51);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void aFewBytesToldOfLateMakeNoLinkLookFast() {
    headAndBody(4, 25, 26);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.020, within(1.0));
  }

  @Test
  void theRoundTripIsTheShortestOfTheLastFew() {
    for (int i = 0; i < 20; i++) meter.roundTrip((i == 3 ? 1 : 50 - i) * MILLI);
    assertThat(meter.roundTripNanos()).isEqualTo(31 * MILLI);
  }
}
