package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;

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
  @ValueSource(doubles = {5, 20, 93, 400})
  void takesItsShareOfTheLinkAtMost(double megabits) {
    double rate = megabits * 1e6 / 8;
    List<Parcel> parcels = sounding.parcels(rate);
    long bytes = parcels.stream().mapToLong(Parcel::wireBytes).sum();
    parcels.forEach(p -> p.rows().release());
    assertThat(bytes / rate / sounding.pauseSeconds(rate)).isLessThanOrEqualTo(1.01 * SHARE);
  }

  @Test
  void aLinkThatIsThoughtHopelessIsTriedAgainSoon() {
    assertThat(sounding.pauseSeconds(1000)).isEqualTo(2);
    assertThat(sounding.pauseSeconds(0)).isEqualTo(0.4);
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
