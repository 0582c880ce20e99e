package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tilestream.tile.LaneSettings.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SpareTimeTest {
  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
  private final ComputeLane lane = new ComputeLane(new LaneSettings(1, 0.5, Clock.WALL, 64));
  private final SpareTime spare = new SpareTime(lane);

  @AfterEach
  void stop() throws InterruptedException {
    lane.close();
    assertThat(lane.join(5000)).isTrue();
  }

  private NamedJob tile(String name, Runnable kernel, Runnable then) {
    return new NamedJob(name, 1, 5, 5, ran, kernel, then);
  }

  private Semaphore running(String name) {
    Semaphore gate = new Semaphore(0);
    lane.submit(tile(name, gate::acquireUninterruptibly, () -> {}));
    await().until(() -> ran.contains(name));
    return gate;
  }

  @Test
  void aPieceRunsOnTheLanesThreadAndItsResultComesBack() {
    Thread here = Thread.currentThread();
    assertThat(spare.take(Thread::currentThread)).isNotSameAs(here).isInstanceOf(LaneThread.class);
  }

  @Test
  void whatItThrowsComesBackToo() {
    assertThatThrownBy(() -> spare.take(() -> {
      throw new IllegalStateException("no");
    })).isInstanceOf(IllegalStateException.class).hasMessage("no");
    assertThat(spare.<Integer>take(() -> 3)).isEqualTo(3);
  }

  @Test
  void itIsNeitherStretchedNorCountedAsWork() {
    for (int n = 0; n < 3; n++) spare.take(() -> 1);
    assertThat(lane.jobs()).isZero();
    assertThat(lane.busyNanos()).isZero();
    assertThat(lane.idleNanos()).isPositive();
  }

  @Test
  void itLetsTilesThatWaitGoFirst() {
    Semaphore gate = running("first");
    CompletableFuture<Boolean> piece = CompletableFuture.supplyAsync(() -> spare.take(() -> ran.add("spare")));
    await().until(() -> lane.waiting() == 1);
    lane.submit(tile("second", () -> {}, () -> {}));
    lane.submit(tile("third", () -> {}, () -> {}));
    gate.release();
    assertThat(piece.join()).isTrue();
    assertThat(ran).containsExactly("first", "second", "third", "spare");
  }

  @Test
  void aLaneWithARunningTileIsNotQuietUntilAWhileAfterIt() {
    Semaphore gate = running("first");
    assertThat(spare.quiet(3_000_000)).isFalse();
    assertThat(lane.idleNanos()).isZero();
    gate.release();
    assertThat(spare.quiet(10_000_000_000L)).isTrue();
  }

  @Test
  void aLaneThatIsNeverUnusedLetsPiecesThroughAllTheSame() {
    Semaphore stop = new Semaphore(0);
    Runnable[] again = new Runnable[1];
    again[0] = () -> {
      if (!stop.tryAcquire()) lane.submit(tile("tile", () -> {}, again[0]));
    };
    again[0].run();
    SpareTime impatient = new SpareTime(lane, 10_000_000);
    for (int n = 0; n < 3; n++) assertThat(impatient.<Integer>take(() -> 7)).isEqualTo(7);
    stop.release();
  }

  @Test
  void aClosedLaneEndsTheWork() throws InterruptedException {
    Semaphore gate = running("first");
    CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> spare.quiet(60_000_000_000L));
    lane.close();
    await().until(waits::isDone);
    gate.release();
    assertThatThrownBy(waits::join).hasCauseInstanceOf(CancellationException.class);
    assertThat(lane.join(5000)).isTrue();
    assertThatThrownBy(() -> spare.take(() -> 1)).isInstanceOf(CancellationException.class);
  }
}
