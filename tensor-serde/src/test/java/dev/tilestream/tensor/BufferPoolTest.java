package dev.tilestream.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
  private static final long MIB = 1 << 20;

  @Test
  void sizeClassesHoldWhatIsAskedAndWasteAtMostAFifth() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      int bytes = random.nextInt(1, 1 << random.nextInt(1, 31));
      int size = SizeClassPool.sizeOf(SizeClassPool.classOf(bytes));
      assertThat(size).isGreaterThanOrEqualTo(bytes);
      assertThat(size % 64).isZero();
      if (bytes > 4096) assertThat((size - bytes) / (double) size).isLessThan(0.2001);
    }
    assertThat(SizeClassPool.sizeOf(SizeClassPool.classOf(SizeClassPool.LARGEST))).isEqualTo(SizeClassPool.LARGEST);
    assertThat(SizeClassPool.sizeOf(SizeClassPool.classOf(1 << 30))).isEqualTo(1 << 30);
  }

  @Test
  void everyBufferStartsOnACacheLine() {
    try (BufferPool pool = BufferPool.bounded(64 * MIB, 0)) {
      for (long bytes : new long[] {0, 1, 100, 4096, 4097, 100_000, MIB, 3 * MIB + 1}) {
        NativeBuffer buffer = pool.acquire(bytes);
        assertThat(buffer.bytes().alignmentOffset(0, 64)).isZero();
        assertThat((long) buffer.capacity()).isGreaterThanOrEqualTo(bytes);
        buffer.release();
      }
    }
  }

  @Test
  void aReleasedBlockIsHandedOutAgainButItsOldBufferStaysDead() {
    try (BufferPool pool = BufferPool.bounded(MIB, MIB)) {
      NativeBuffer first = pool.acquire(10_000);
      first.bytes().putLong(0, 0x1234_5678_9ABCL);
      first.release();
      assertThat(pool.inUse()).isZero();
      assertThat(pool.idle()).isEqualTo(10_240);
      NativeBuffer second = pool.acquire(9_900);
      assertThat(second.bytes().getLong(0)).isEqualTo(0x1234_5678_9ABCL);
      assertThat(pool.idle()).isZero();
      assertThatThrownBy(first::bytes).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(first::retain).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(first::release).isInstanceOf(IllegalStateException.class);
      assertThat(pool.inUse()).isEqualTo(10_240);
      second.release();
    }
  }

  @Test
  void acquiringBeyondTheLimitIsRefusedAndCountsNothing() {
    try (BufferPool pool = BufferPool.bounded(MIB, MIB)) {
      NativeBuffer most = pool.acquire(MIB - 4096);
      long before = pool.inUse();
      assertThatThrownBy(() -> pool.acquire(2 * 4096))
          .isInstanceOf(BufferPool.Exhausted.class).hasMessageContaining("8192 bytes wanted").hasMessageContaining("limit: 1048576");
      assertThat(pool.inUse()).isEqualTo(before);
      most.release();
      pool.acquire(2 * 4096).release();
      assertThat(pool.inUse()).isZero();
    }
  }

  @Test
  void absurdSizesAreRefused() {
    try (BufferPool pool = BufferPool.bounded(Long.MAX_VALUE, 0)) {
      assertThatThrownBy(() -> pool.acquire(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> pool.acquire(1L << 31)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("2147483648");
    }
  }

  @Test
  void idleMemoryStaysBoundedAndTheClassNotAskedForGoesFirst() {
    try (BufferPool pool = BufferPool.bounded(16 * MIB, 2 * MIB)) {
      NativeBuffer smallest = pool.acquire(MIB / 2);
      NativeBuffer largest = pool.acquire(MIB);
      pool.acquire(MIB * 3 / 4).release();
      largest.release();
      assertThat(pool.idle()).isEqualTo(MIB * 7 / 4);
      smallest.release();
      assertThat(pool.idle()).as("bytes idle, the whole MiB being the one not asked for longest").isEqualTo(MIB * 5 / 4);
    }
  }

  @Test
  void closingFreesIdleMemoryNowAndUsedMemoryWhenItIsReleased() {
    long before = directMemory();
    BufferPool pool = BufferPool.bounded(64 * MIB, 64 * MIB);
    NativeBuffer used = pool.acquire(16 * MIB);
    pool.acquire(8 * MIB).release();
    assertThat(directMemory() - before).isGreaterThanOrEqualTo(24 * MIB);
    pool.close();
    assertThat(directMemory() - before).isBetween(16 * MIB, 17 * MIB);
    used.release();
    assertThat(directMemory() - before).isLessThan(MIB);
    assertThatThrownBy(() -> pool.acquire(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void manyThreadsNeverShareABlockAndEverythingComesBack() throws Exception {
    int threads = 8;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (BufferPool pool = BufferPool.bounded(8 * MIB, 2 * MIB)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int seed = t;
        work.add(() -> churn(pool, new SplittableRandom(seed), seed));
      }
      int refused = 0;
      for (Future<Integer> f : executor.invokeAll(work)) refused += f.get();
      assertThat(pool.inUse()).isZero();
      assertThat(pool.idle()).isBetween(1L, 2 * MIB);
      assertThat(refused).as("refusals; the limit should have been met").isPositive();
    } finally {
      executor.shutdownNow();
    }
  }

  /** Holds a few buffers at a time, each marked at both ends by its owner; returns how often the pool refused. */
  private static int churn(BufferPool pool, SplittableRandom random, int seed) {
    List<NativeBuffer> held = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 10_000; i++) {
      if (held.size() < 8 && random.nextBoolean()) {
        try {
          NativeBuffer buffer = pool.acquire(random.nextInt(16, 400_000));
          buffer.bytes().putInt(0, seed).putInt(buffer.capacity() - 4, seed);
          held.add(buffer);
        } catch (BufferPool.Exhausted e) {
          refused++;
        }
      } else if (!held.isEmpty()) {
        NativeBuffer buffer = held.remove(random.nextInt(held.size()));
        assertThat(buffer.bytes().getInt(0)).isEqualTo(seed);
        assertThat(buffer.bytes().getInt(buffer.capacity() - 4)).isEqualTo(seed);
        buffer.release();
      }
      if (pool.inUse() > 8 * MIB) throw new AssertionError("limit passed: " + pool);
    }
    held.forEach(NativeBuffer::release);
    return refused;
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(b -> b.getName().equals("direct")).findFirst().orElseThrow().getMemoryUsed();
  }
}
