package dev.tilestream.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** That what is looked for would be found. */
class CampaignTest {
  private static final Bounds BOUNDS = new Bounds(Duration.ofMillis(300), 100_000, 10, 1L << 40);
  private static long inUse;

  /** Does what it is told for seed 3; reads all others. */
  private record Product(LongFunction<Callable<String>> third) implements FuzzTarget {
    @Override
    public String word() {
      return "product";
    }

    @Override
    public Bounds bounds() {
      return BOUNDS;
    }

    @Override
    public Trial draw(long seed) {
      return new Trial(new byte[100], seed == 3 ? third.apply(seed) : () -> Trial.TAKEN);
    }

    @Override
    public long nativeInUse() {
      return inUse;
    }
  }

  private static void finds(String what, Callable<String> third) {
    Tally tally = Campaign.run(new Product(seed -> third), Extent.ofCases(1, 5), Campaign.Log.SILENT);
    assertThat(tally.cases()).isEqualTo(5);
    assertThat(tally.taken()).isEqualTo(4);
    assertThat(tally.findings()).hasSize(1);
    Finding finding = tally.findings().get(0);
    assertThat(finding.seed()).isEqualTo(3);
    assertThat(finding.toString()).contains(what).contains("./tilestream bench fuzz --target product --seed 3 --cases 1");
  }

  @Test
  void whatIsThrownIsAFindingWithItsTrace() {
    finds("java.lang.ArithmeticException: / by zero", () -> "" + 1 / (inUse - inUse));
    finds("StackOverflowError", CampaignTest::downAndDown);
  }

  private static String downAndDown() {
    return downAndDown() + "!";
  }

  @Test
  void aHangIsAFindingWithTheStackOfWhoHangsAndTheOthersGoOn() {
    CountDownLatch never = new CountDownLatch(1);
    finds("CountDownLatch.await", () -> {
      never.await();
      return Trial.TAKEN;
    });
  }

  @Test
  void allocatingBeyondTheBoundIsAFinding() {
    finds("bytes for an input of 100 (expected: at most 101000)", () -> "taken" + new byte[200_000].length);
  }

  @Test
  void nativeMemoryThatIsLeftInUseIsAFinding() {
    finds("leaves 64 bytes of native memory in use", () -> {
      inUse += 64;
      return Trial.TAKEN;
    });
  }
}
