package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RateTraceTest {
  /** 100 bytes/s for 2 s, nothing for 3 s, 50 bytes/s for 1 s, and 50 again for as long: 7 s, 300 bytes. */
  private static final RateTrace OUTAGE = RateTrace.of(new double[] {0, 2, 5, 6}, new double[] {100, 0, 50, 50});

  @Test
  void bytesTakeTheRatesTheyMeet() {
    assertThat(OUTAGE.passed(0, 150)).isEqualTo(1.5);
    assertThat(OUTAGE.passed(1, 50)).isEqualTo(1.5);
    assertThat(OUTAGE.passed(1.5, 75)).isEqualTo(5.5);
  }

  @Test
  void outagesAreWaitedOut() {
    assertThat(OUTAGE.passed(3, 25)).isEqualTo(5.5);
    assertThat(OUTAGE.passed(2, 0.5)).isCloseTo(5.01, within(1e-9));
  }

  @Test
  void whatEndsWithTheLastByteBeforeAnOutageDoesNotWaitForItsEnd() {
    assertThat(OUTAGE.passed(1, 100)).isEqualTo(2);
  }

  @Test
  void beginsAgainAtItsEnd() {
    assertThat(OUTAGE.seconds()).isEqualTo(7);
    assertThat(OUTAGE.passed(6, 150)).isCloseTo(8, within(1e-9));
    assertThat(OUTAGE.passed(0, 300 * 1000 + 10)).isCloseTo(7000.1, within(1e-6));
    assertThat(OUTAGE.bytesPerSecond(7.5)).isEqualTo(100);
    assertThat(OUTAGE.bytesPerSecond(-1)).isEqualTo(100);
  }

  @Test
  void partsOneBehindTheOtherTakeAsLongAsTheWhole() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      double from = random.nextDouble() * 20;
      double a = random.nextDouble() * 400;
      double b = random.nextDouble() * 400;
      assertThat(OUTAGE.passed(OUTAGE.passed(from, a), b)).as("from %s: %s + %s", from, a, b).isCloseTo(OUTAGE.passed(from, a + b), within(1e-6));
    }
  }

  @Test
  void windowsRiseAndFall() {
    RateTrace trace = RateTrace.of(new double[] {0, 10, 20, 30}, new double[] {1, 2, 3, 4});
    RateTrace shorter = trace.windows(4, 2.5);
    assertThat(shorter.seconds()).isEqualTo(10);
    assertThat(shorter.meanBytesPerSecond()).isEqualTo(trace.meanBytesPerSecond());
    assertThat(shorter.bytesPerSecond(2.4)).isEqualTo(1);
    assertThat(shorter.bytesPerSecond(2.6)).isEqualTo(3);
    assertThat(shorter.bytesPerSecond(7.4)).isEqualTo(4);
    assertThat(shorter.bytesPerSecond(9.9)).isEqualTo(2);
    assertThat(trace.windows(50, 1)).isSameAs(trace);
  }

  @Test
  void isReadAsItWasWritten(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("trace.csv");
    OUTAGE.times(1250).write(file);
    RateTrace again = RateTrace.read(file);
    assertThat(again.seconds()).isEqualTo(7);
    assertThat(again.passed(1.5, 75 * 1250)).isCloseTo(5.5, within(1e-6));
  }

  @Test
  void whatIsWrongIsSaidWithItsLine(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("trace.csv"), "t_s,mbit_s\n0,10\n1,fast\n");
    assertThatThrownBy(() -> RateTrace.read(file)).hasMessageContaining("line 3: 1,fast (expected: two numbers)");
    Files.writeString(file, "t_s,mbit_s\n0,0\n1,0\n");
    assertThatThrownBy(() -> RateTrace.read(file)).hasMessageContaining("(expected: some)");
    Files.writeString(file, "t_s,mbit_s\n0,1\n0,2\n");
    assertThatThrownBy(() -> RateTrace.read(file)).hasMessageContaining("(expected: ascending)");
  }
}
