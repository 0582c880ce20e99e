package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.Parcel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoundingTest {
  private static final double SHARE = 0.01;
  private final BufferPool pool = BufferPool.bounded(1 << 20, 1 << 10);
  private final Sounding sounding = new Sounding(pool, SHARE);

  @AfterEach
  void everythingCameBack() {
    assertThat(pool.inUse()).isZero();
    pool.close();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.75, 1, 2.5, 5, 20, 93, 400})
  void takesItsShareOfTheLinkAtMost(double megabits) {
    double rate = megabits * 1e6 / 8;
    List<Parcel> parcels = sounding.parcels(rate);
    long bytes = parcels.stream().mapToLong(Parcel::wireBytes).sum();
    parcels.forEach(p -> p.rows().release());
    assertThat(bytes / rate / sounding.pauseSeconds(rate)).isLessThanOrEqualTo(1.01 * SHARE);
  }

  @Test
  void aLinkThatIsThoughtHopelessIsTriedAgain() {
    assertThat(sounding.pauseSeconds(1000)).isEqualTo(10);
    assertThat(sounding.pauseSeconds(0)).isEqualTo(0.4);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.75, 1, 5, 93})
  void tellsTheRateOfSlowWaysToo(double megabits) {
    double rate = megabits * 1e6 / 8;
    LinkMeter meter = new LinkMeter();
    meter.probed(0, 1_000_000, 2_000_000, true);
    List<Parcel> parcels = sounding.parcels(rate);
    long start = 1_000_000_000L;
    double there = start + 1_000_000;
    for (Parcel p : parcels) meter.sent(p.wireBytes(), start);
    for (Parcel p : parcels) {
      there += p.wireBytes() / rate * 1e9;
      meter.acknowledged(1, List.of((long) there), (long) there + 1_000_000);
      p.rows().release();
    }
    assertThat(meter.bytesPerSecond()).isCloseTo(rate, withinPercentage(5));
  }

  @Test
  void afterSlowTrafficTheFirstIsDueSoonAndTheNextByItsShare() {
    long second = 1_000_000_000L;
    long start = System.nanoTime() + 60 * second;
    double rate = 1e6 / 8;
    assertThat(sounding.due(start + second, start, rate)).isFalse();
    assertThat(sounding.due(start + 2 * second, start, rate)).isTrue();
    assertThat(sounding.due(start + 11 * second, start, rate)).isFalse();
    assertThat(sounding.due(start + 12 * second, start, rate)).isTrue();
  }

  @Test
  void isDueWhenNothingHasToldOfTheWayForAPause() {
    long start = System.nanoTime();
    long second = 1_000_000_000L;
    double rate = 93e6 / 8;
    assertThat(sounding.due(start + second, start + second - 1, rate)).isFalse();
    assertThat(sounding.due(start + second, start, rate)).isTrue();
    assertThat(sounding.due(start + second + 1, start, rate)).as("just now").isFalse();
  }
}
