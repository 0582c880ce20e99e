package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.tensor.InferenceId;
import org.junit.jupiter.api.Test;

class LaneLoadTest {
  private static final long MS = 1_000_000;
  private static final InferenceId A = new InferenceId(7, 1);
  private static final InferenceId B = new InferenceId(7, 2);
  private static final InferenceId C = new InferenceId(8, 1);
  private final LaneLoad load = new LaneLoad("edge-1", 1, 1000 * MS);

  @Test
  void aLaneThatNobodyUsesIsIdle() {
    assertThat(load.at(5)).isEqualTo(DeviceLoad.idle("edge-1"));
  }

  @Test
  void waitingForTilesOfTheSameInferenceDoesNotCount() {
    load.ran(A, 0, 0, 10 * MS);
    load.ran(A, 0, 10 * MS, 20 * MS);
    assertThat(load.at(1000 * MS).waitSeconds()).isZero();
    assertThat(load.at(1000 * MS).utilisation()).isEqualTo(0.02, within(1e-9));
  }

  @Test
  void waitingForOtherInferencesDoes() {
    load.ran(A, 0, 0, 30 * MS);
    load.ran(B, 10 * MS, 30 * MS, 40 * MS);
    load.ran(B, 10 * MS, 40 * MS, 50 * MS);
    // 0, 20 and again 20 ms behind a; the second tile of b also waited for the first, which is its own.
    assertThat(load.at(1000 * MS).waitSeconds()).isEqualTo(40e-3 / 3, within(1e-9));
  }

  @Test
  void threadsSideBySideKeepATileWaitingTogether() {
    LaneLoad two = new LaneLoad("edge-1", 2, 1000 * MS);
    two.ran(A, 0, 0, 30 * MS);
    two.ran(B, 0, 0, 30 * MS);
    two.ran(C, 0, 30 * MS, 40 * MS);
    assertThat(two.at(1000 * MS).waitSeconds()).isEqualTo(10e-3, within(1e-9));
    assertThat(two.at(1000 * MS).utilisation()).isEqualTo(0.035, within(1e-9));
  }

  @Test
  void whatIsLongAgoDoesNotCount() {
    load.ran(A, 0, 0, 500 * MS);
    load.ran(B, 100 * MS, 500 * MS, 600 * MS);
    assertThat(load.at(1100 * MS).utilisation()).as("of the window from 100 ms on").isEqualTo(0.5, within(1e-9));
    assertThat(load.at(1700 * MS)).isEqualTo(DeviceLoad.idle("edge-1"));
  }

  @Test
  void aClockBeforeZeroMakesNoDifference() {
    long start = Long.MAX_VALUE - 10 * MS;
    load.ran(A, start, start, start + 30 * MS);
    load.ran(B, start + 10 * MS, start + 30 * MS, start + 40 * MS);
    assertThat(load.at(start + 1000 * MS).waitSeconds()).isEqualTo(10e-3, within(1e-9));
  }

  @Test
  void aSourceMeetsWhatOthersDo() {
    load.ran(A, 0, 0, 100 * MS);
    load.ran(C, 0, 100 * MS, 400 * MS);
    DeviceLoad now = load.at(1000 * MS);
    assertThat(now.contention(7).utilisation()).isEqualTo(0.3, within(1e-9));
    assertThat(now.contention(8).utilisation()).isEqualTo(0.1, within(1e-9));
    assertThat(now.contention(9).utilisation()).isEqualTo(0.4, within(1e-9));
    assertThat(now.tileSeconds()).isEqualTo(0.2, within(1e-9));
    assertThat(now.variation()).isEqualTo(0.5, within(1e-9));
    assertThat(DeviceLoad.idle("d").contention(9)).isEqualTo(Contention.NONE);
  }
}
