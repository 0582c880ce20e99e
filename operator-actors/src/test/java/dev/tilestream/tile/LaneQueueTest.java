package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A turn is 10 ns, and so is a kernel where nothing else is said. */
class LaneQueueTest {
  private static final long TURN = 10;
  private final LaneQueue queue = new LaneQueue(1000, TURN);
  private long ages;

  private record Job(long source, long seniority, int urgency, boolean spare, long nanos) implements LaneJob {
    @Override
    public boolean begin() {
      return true;
    }

    @Override
    public void compute() {}

    @Override
    public void finish(long queuedNanos, long startNanos, long endNanos) {}
  }

  private void offer(long source, long nanos) {
    assertThat(queue.offer(new Job(source, ages++, 0, false, nanos), 0)).isTrue();
  }

  private Job run() {
    Job job = (Job) queue.poll().job();
    if (!job.spare) queue.charge(job.source, job.nanos);
    return job;
  }

  private List<Long> sources(int runs) {
    List<Long> order = new ArrayList<>();
    for (int i = 0; i < runs; i++) order.add(run().source);
    return order;
  }

  @Test
  void inferencesShorterThanATurnGoInTheOrderInWhichTheyCame() {
    for (long source : List.of(1L, 2L, 1L, 3L)) offer(source, 4);
    assertThat(sources(4)).containsExactly(1L, 2L, 1L, 3L);
  }

  @Test
  void ofOneSourceOlderInferencesGoFirstThenTheMoreUrgentTileHoweverLongTheyTake() {
    queue.offer(new Job(1, 2, 0, false, 500), 0);
    queue.offer(new Job(1, 1, 7, false, 500), 0);
    queue.offer(new Job(1, 1, 3, false, 500), 0);
    assertThat(List.of(run(), run(), run()).stream().map(j -> j.seniority + "." + j.urgency)).containsExactly("1.3", "1.7", "2.0");
  }

  @Test
  void aSourceThatFloodsHoldsAnotherUpForATurnAndAKernelWhateverIsBeforeIt() {
    for (int i = 0; i < 400; i++) offer(1, 3);
    sources(100);
    offer(2, 3);
    List<Long> order = sources(10);
    assertThat(order.indexOf(2L) * 3).isLessThan((int) TURN + 3);
  }

  @Test
  void longKernelsArePaidForInTheRoundsBehindThem() {
    for (int i = 0; i < 40; i++) {
      offer(1, 100);
      for (int j = 0; j < 10; j++) offer(2, 10);
    }
    Map<Long, Long> had = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      Job job = run();
      had.merge(job.source, job.nanos, Long::sum);
    }
    assertThat(had.get(1L) / (double) had.get(2L)).isCloseTo(1, within(0.15));
  }

  /** The bound of start-time fair queueing, a turn wider: two sources that both wait are apart by their longest kernels and two turns. */
  @Test
  void sourcesThatAlwaysWaitHaveHadAlikeAtAnyMomentWhateverTheirKernels() {
    Random random = new Random(5);
    for (int trial = 0; trial < 50; trial++) {
      LaneQueue busy = new LaneQueue(1 << 20, TURN);
      int sources = 2 + random.nextInt(6);
      long[] longest = new long[sources];
      long[] had = new long[sources];
      for (int s = 0; s < sources; s++) longest[s] = 1 + random.nextInt(60);
      for (int s = 0; s < sources; s++)
        for (int i = 0; i < 300; i++) busy.offer(new Job(s, random.nextInt(99), 0, false, 1 + random.nextInt((int) longest[s])), 0);
      for (int run = 0; run < 250; run++) {
        Job job = (Job) busy.poll().job();
        busy.charge(job.source, job.nanos);
        had[(int) job.source] += job.nanos;
        for (int a = 0; a < sources; a++)
          for (int b = 0; b < sources; b++) assertThat(had[a] - had[b]).isLessThanOrEqualTo(longest[a] + longest[b] + 2 * TURN);
      }
    }
  }

  @Test
  void timeThatNobodyElseWantedIsOwedToNobody() {
    for (int i = 0; i < 20; i++) {
      offer(1, 50);
      sources(1);
    }
    offer(1, 5);
    offer(2, 5);
    offer(1, 5);
    assertThat(sources(2)).as("the older first").containsExactly(1L, 2L);
  }

  @Test
  void turnsThatWereNotUsedAreNotKept() {
    offer(2, 5);
    sources(1);
    for (int i = 0; i < 100; i++) offer(1, 10);
    sources(50);
    for (int i = 0; i < 20; i++) offer(2, 10);
    assertThat(sources(20).stream().filter(s -> s == 2)).hasSizeBetween(9, 11);
  }

  @Test
  void spareWorkRunsBehindAllTilesAndBeforeThemOnceItIsStarved() {
    queue.offer(new Job(0, Long.MAX_VALUE, 9, true, 0), 0);
    offer(1, 5);
    assertThat(run().spare).isFalse();
    offer(1, 5);
    queue.offer(new Job(0, Long.MIN_VALUE, 9, true, 0), 0);
    assertThat(run().seniority).isEqualTo(Long.MIN_VALUE);
    assertThat(run().spare).isFalse();
    assertThat(run().spare).isTrue();
    assertThat(queue.poll()).isNull();
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void oneSourceCannotFillItAndOthersAlwaysFindRoom() {
    LaneQueue small = new LaneQueue(100, TURN);
    int taken = 0;
    while (small.offer(new Job(1, taken, 0, false, 1), 0)) taken++;
    assertThat(taken).isEqualTo(50);
    for (int source = 2; source < 6; source++) assertThat(small.offer(new Job(source, 0, 0, false, 1), 0)).isTrue();
  }

  @Test
  void sourcesThatHaveGoneAreForgotten() {
    for (long source = 0; source < 100_000; source++) {
      offer(source, 25);
      run();
    }
    assertThat(queue.accounts()).isLessThanOrEqualTo(64);
  }

  /** The quickest of many batches: others use this machine, too. */
  @Test
  void aTileCostsLessThanAMicrosecond() {
    for (int i = 0; i < 64; i++) offer(i % 8, 3);
    double best = Double.POSITIVE_INFINITY;
    for (int batch = 0; batch < 200; batch++) {
      long start = System.nanoTime();
      for (int i = 0; i < 2000; i++) {
        Job job = (Job) queue.poll().job();
        queue.charge(job.source, 3);
        queue.offer(job, 0);
      }
      best = Math.min(best, (System.nanoTime() - start) / 2000.0);
    }
    System.out.printf("lane queue, 8 sources, 64 tiles: %.0f ns a tile%n", best);
    assertThat(best).isLessThan(1000);
  }
}
