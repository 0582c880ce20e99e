package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tilestream.tile.LaneSettings.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ComputeLaneTest {
  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
  private ComputeLane lane = new ComputeLane(new LaneSettings(1, 1, Clock.WALL, 8));

  @AfterEach
  void stop() throws InterruptedException {
    lane.close();
    assertThat(lane.join(5000)).isTrue();
  }

  private NamedJob job(String name, long seniority, int urgency, Runnable kernel) {
    return job(name, 1, seniority, urgency, kernel);
  }

  private NamedJob job(String name, long source, long seniority, int urgency, Runnable kernel) {
    return new NamedJob(name, source, seniority, urgency, ran, kernel, () -> {});
  }

  private Semaphore hold() {
    Semaphore gate = new Semaphore(0);
    assertThat(lane.submit(job("first", 0, 0, gate::acquireUninterruptibly))).isTrue();
    await().until(() -> ran.contains("first"));
    return gate;
  }

  @Test
  void runsOlderInferencesFirstThenByUrgencyThenAsTheyCame() {
    Semaphore gate = hold();
    lane.submit(job("young", 2, 0, () -> {}));
    lane.submit(job("old, later", 1, 5, () -> {}));
    lane.submit(job("old, soon", 1, 1, () -> {}));
    lane.submit(job("old, soon too", 1, 1, () -> {}));
    gate.release();
    await().until(() -> ran.size() == 5);
    assertThat(ran).containsExactly("first", "old, soon", "old, soon too", "old, later", "young");
  }

  @Test
  void aSlowDeviceIsFreeAsSoonAsNobodyWantsWhatItComputes() {
    lane.close();
    lane = new ComputeLane(new LaneSettings(1, 1e-6, Clock.WALL, 4));
    NamedJob unwanted = job("unwanted", 0, 0, () -> LockSupport.parkNanos(1_000_000));
    lane.submit(unwanted);
    NamedJob next = job("next", 1, 0, () -> {});
    lane.submit(next);
    await().until(() -> ran.contains("unwanted"));
    unwanted.halt.halt();
    await().until(() -> ran.contains("next"));
    next.halt.halt();
  }

  @Test
  void refusesMoreThanItsBoundAndMoreOfOneSourceThanThereIsRoomForOthers() {
    Semaphore gate = hold();
    for (int i = 0; i < 4; i++) assertThat(lane.submit(job("job " + i, 1, 0, () -> {}))).isTrue();
    assertThat(lane.submit(job("one too many", 1, 0, () -> {}))).isFalse();
    for (long source = 2; source < 5; source++) lane.submit(job("of source " + source, source, 1, 0, () -> {}));
    assertThat(lane.waiting()).isEqualTo(7);
    gate.release();
    await().until(() -> lane.jobs() == 8);
    assertThat(ran).doesNotContain("one too many").contains("of source 4");
  }

  @Test
  void aSourceThatHasHadItsTurnLetsAnotherPassWhoseInferenceIsYounger() {
    lane.close();
    lane = new ComputeLane(new LaneSettings(1, 1, Clock.WALL, 8, Duration.ofNanos(1)));
    Semaphore gate = hold();
    for (int i = 0; i < 3; i++) lane.submit(job("flood " + i, 1, i, 0, () -> {}));
    lane.submit(job("other", 2, 9, 0, () -> {}));
    gate.release();
    await().until(() -> lane.jobs() == 5);
    assertThat(ran.indexOf("other")).isLessThanOrEqualTo(2);
  }

  @Test
  void skipsWhatWasCancelled() {
    Semaphore gate = hold();
    NamedJob cancelled = job("cancelled", 1, 0, () -> {});
    lane.submit(cancelled);
    lane.submit(job("last", 2, 0, () -> {}));
    cancelled.cancelled = true;
    gate.release();
    await().until(() -> ran.contains("last"));
    assertThat(ran).containsExactly("first", "last");
  }

  @Test
  void survivesAJobThatThrows() {
    lane.submit(job("broken", 1, 0, () -> {
      throw new IllegalStateException("on purpose");
    }));
    lane.submit(job("next", 2, 0, () -> {}));
    await().until(() -> ran.contains("next"));
  }

  @Test
  void stretchesKernelTimeToEmulateASlowerDevice() {
    lane.close();
    lane = new ComputeLane(new LaneSettings(1, 0.1, Clock.WALL, 4));
    AtomicLong own = new AtomicLong();
    NamedJob job = job("slow", 1, 0, () -> {
      long start = System.nanoTime();
      while (System.nanoTime() - start < 5_000_000) Thread.onSpinWait();
      own.set(System.nanoTime() - start);
    });
    lane.submit(job);
    await().until(() -> job.took >= 0);
    // A busy machine may interrupt the kernel between the two clocks, and be late to wake it.
    assertThat(job.took).isBetween(10 * own.get(), 100 * own.get());
    assertThat(lane.busyNanos()).isEqualTo(job.took);
  }

  @Test
  void byTheProcessorsClockWaitingIsNotWork() {
    lane.close();
    lane = new ComputeLane(new LaneSettings(1, 0.01, Clock.CPU, 4));
    NamedJob job = job("waits", 1, 0, () -> LockSupport.parkNanos(20_000_000));
    lane.submit(job);
    await().until(() -> job.took >= 0);
    // By the wall it would be 2 s.
    assertThat(job.took).isBetween(20_000_000L, 1_000_000_000L);
  }

  @Test
  void refusesSpeedsThatCannotBeEmulated() {
    assertThatThrownBy(() -> new LaneSettings(1, 2, Clock.WALL, 4)).hasMessage("lane speed: 2.0 (expected: above 0, at most 1)");
  }
}
