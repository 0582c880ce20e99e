package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Instants are ours, in milliseconds; what the peer tells is by its own clock. */
class LinkMeterTest {
  private static final long MILLI = 1_000_000;
  private static final long PEERS_CLOCK = -987_654_321_000L;
  private static final int CHUNK = 64 << 10;

  private final LinkMeter meter = new LinkMeter();

  private void probe(long roundTripMillis) {
    meter.probed(0, roundTripMillis / 2 * MILLI + PEERS_CLOCK, roundTripMillis * MILLI, false);
  }

  private void send(long atMillis) {
    meter.sent(CHUNK, atMillis * MILLI);
  }

  /** A chunk was there at that moment, and the peer told of it soon after. */
  private void arrive(long atMillis) {
    arrive(List.of(atMillis), atMillis + 2);
  }

  /** Chunks were there at those moments, and we were told then. */
  private void arrive(List<Long> atMillis, long toldMillis) {
    meter.acknowledged(atMillis.size(), atMillis.stream().map(at -> at * MILLI + PEERS_CLOCK).toList(), toldMillis * MILLI);
  }

  /** Each long after the one before, and there so much later. */
  private void chunksOneByOne(int count, long millis) {
    for (int i = 0; i < count; i++) {
      send(1000L * i);
      arrive(1000L * i + millis);
    }
  }

  @Test
  void measuresTheSpacingOfABackloggedLink() {
    probe(4);
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 40; i++) arrive(2 + 10 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void chunksThatAreThereTogetherDoNotMakeTheLinkLookFast() {
    probe(0);
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 10; i++) for (int k = 0; k < 4; k++) arrive(40 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(0.2 * CHUNK / 0.010));
  }

  @Test
  void doesNotTakeAnIdleApplicationForASlowLink() {
    probe(4);
    chunksOneByOne(40, 12);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void followsALinkThatBecomesSlower() {
    probe(4);
    for (int i = 0; i < 120; i++) send(0);
    for (int i = 0; i < 60; i++) arrive(2 + 10 * (i + 1));
    for (int i = 0; i < 60; i++) arrive(602 + 40 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.040, within(0.1 * CHUNK / 0.040));
  }

  @Test
  void aLoneChunkOverALongWayIsNotTakenForASlowOne() {
    probe(40);
    chunksOneByOne(10, 30);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void afterAPauseWhatWasBelievedCountsLittle() {
    probe(4);
    for (int i = 0; i < 40; i++) send(0);
    for (int i = 0; i < 40; i++) arrive(2 + 10 * (i + 1));
    send(10_000);
    arrive(10_000 + 2 + 40);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.040, within(0.02 * CHUNK / 0.040));
  }

  @Test
  void aWayMeasuredMuchTooLongCostsAtMostAFactorOfTwo() {
    probe(900);
    chunksOneByOne(40, 10);
    assertThat(meter.bytesPerSecond()).isLessThan(2.01 * CHUNK / 0.010);
  }

  @Test
  void fewBytesNowAndThenSayNothing() {
    probe(4);
    meter.sent(CHUNK / 4, 0);
    arrive(500);
    assertThat(meter.bytesPerSecond()).isZero();
    assertThat(meter.sampledNanos()).isNegative();
  }

  @Test
  void fewBytesRightBehindOthersTellAsMuchAsMany() {
    probe(4);
    for (int i = 0; i < 40; i++) meter.sent(CHUNK / 4, 0);
    for (int i = 0; i < 40; i++) arrive(2 + 10 * (i + 1));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.040, within(1.0));
  }

  @Test
  void howLateThePeerTellsDoesNotMatter() {
    probe(4);
    for (int i = 0; i < 40; i++) send(0);
    for (long i = 0; i < 40; i += 2) arrive(List.of(2 + 10 * (i + 1), 2 + 10 * (i + 2)), 25 + 10 * (i + 2));
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void theAirRestsBetweenChunksThatAreToldOfTogether() {
    probe(4);
    for (long i = 0; i < 20; i++) {
      send(1000 * i);
      send(1000 * i + 50);
      arrive(List.of(1000 * i + 12, 1000 * i + 50 + 12), 1000 * i + 70);
    }
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(0.25 * CHUNK / 0.010));
  }

  @Test
  void chunksOfWhichNothingWasToldDoNotShiftTheOthers() {
    probe(4);
    for (int i = 0; i < 40; i++) send(i * 1000L);
    for (long i = 0; i < 40; i += 2) meter.acknowledged(2, List.of((i * 1000 + 1012) * MILLI + PEERS_CLOCK), (i * 1000 + 1014) * MILLI);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.012, within(0.25 * CHUNK / 0.010));
  }

  @Test
  void aPeerThatTellsOfMoreThanItTookIsHeardToTheEnd() {
    probe(4);
    send(0);
    meter.acknowledged(1, List.of(5 * MILLI + PEERS_CLOCK, 12 * MILLI + PEERS_CLOCK), 14 * MILLI);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void aFewBytesSayWhenTheAirBeganWithTheRest() {
    probe(40);
    meter.sent(1024, 0);
    meter.sent(CHUNK, 0);
    arrive(21);
    assertThat(meter.bytesPerSecond()).isZero();
    arrive(31);
    assertThat(meter.bytesPerSecond()).isCloseTo(CHUNK / 0.010, within(1.0));
  }

  @Test
  void aPeerThatStartedAnewHasAnotherClock() {
    probe(4);
    chunksOneByOne(4, 12);
    meter.restart();
    assertThat(meter.roundTripNanos()).isZero();
    assertThat(meter.bytesPerSecond()).as("what is known of the air stays").isCloseTo(CHUNK / 0.010, within(1.0));
  }
}
