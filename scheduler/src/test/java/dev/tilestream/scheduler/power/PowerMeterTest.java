package dev.tilestream.scheduler.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.scheduler.profile.Power;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowerMeterTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Power CONFIGURED = new Power(4, 10, 5, 4.5);

  @TempDir Path root;

  private void write(String file, Object text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text + "\n");
  }

  private void rapl(String zone, String name, long microjoules, long range) throws IOException {
    write("sys/class/powercap/" + zone + "/name", name);
    write("sys/class/powercap/" + zone + "/energy_uj", microjoules);
    write("sys/class/powercap/" + zone + "/max_energy_range_uj", range);
  }

  private PowerMeter meter() {
    return PowerMeter.find(root).orElseThrow();
  }

  @Test
  void aMachineWithoutSensorsMeasuresNothing() throws IOException {
    assertThat(PowerMeter.find(root)).isEmpty();
    write("sys/class/hwmon/hwmon0/temp1_input", 40000);
    Files.createDirectories(root.resolve("sys/class/powercap/intel-rapl"));
    assertThat(PowerMeter.find(root)).isEmpty();
  }

  @Test
  void packagesAndMemoryAddUpButNotWhatTheyContain() throws IOException {
    rapl("intel-rapl:0", "package-0", 1_000_000, 10_000_000);
    rapl("intel-rapl:0:0", "core", 500_000, 10_000_000);
    rapl("intel-rapl:0:1", "dram", 100_000, 10_000_000);
    PowerMeter meter = meter();
    meter.sample(0, 0);
    rapl("intel-rapl:0", "package-0", 3_000_000, 10_000_000);
    rapl("intel-rapl:0:0", "core", 900_000, 10_000_000);
    rapl("intel-rapl:0:1", "dram", 200_000, 10_000_000);
    meter.sample(2 * SECOND, 0);
    assertThat(meter.watts().getAsDouble()).isEqualTo(1.05, within(1e-9));
    assertThat(meter.joules(2 * SECOND).getAsDouble()).isEqualTo(2.1, within(1e-9));
  }

  @Test
  void thePlatformsCounterCoversTheOthers() throws IOException {
    rapl("intel-rapl:0", "package-0", 0, 10_000_000);
    rapl("intel-rapl:1", "psys", 0, 10_000_000);
    PowerMeter meter = meter();
    meter.sample(0, 0);
    rapl("intel-rapl:0", "package-0", 1_000_000, 10_000_000);
    rapl("intel-rapl:1", "psys", 3_000_000, 10_000_000);
    assertThat(meter.joules(SECOND).getAsDouble()).isEqualTo(3, within(1e-9));
  }

  @Test
  void aCounterThatStartsAgainLosesNothing() throws IOException {
    rapl("intel-rapl:0", "package-0", 9_500_000, 10_000_000);
    PowerMeter meter = meter();
    meter.sample(0, 0);
    rapl("intel-rapl:0", "package-0", 250_000, 10_000_000);
    meter.sample(SECOND, 0);
    assertThat(meter.watts().getAsDouble()).isEqualTo(0.75, within(1e-9));
    rapl("intel-rapl:0", "package-0", 1_250_000, 10_000_000);
    meter.sample(2 * SECOND, 0);
    assertThat(meter.joules(2 * SECOND).getAsDouble()).isEqualTo(1.75, within(1e-9));
  }

  @Test
  void aCounterOfUnknownRangeThatFellCountsNothing() throws IOException {
    rapl("intel-rapl:0", "package-0", 9_500_000, 10_000_000);
    Files.delete(root.resolve("sys/class/powercap/intel-rapl:0/max_energy_range_uj"));
    PowerMeter meter = meter();
    meter.sample(0, 0);
    write("sys/class/powercap/intel-rapl:0/energy_uj", 100_000);
    assertThat(meter.joules(SECOND).getAsDouble()).isZero();
  }

  @Test
  void readingInBetweenDoesNotSpoilTheWattsOfASample() throws IOException {
    rapl("intel-rapl:0", "package-0", 0, 100_000_000);
    PowerMeter meter = meter();
    meter.sample(0, 0);
    rapl("intel-rapl:0", "package-0", 4_000_000, 100_000_000);
    assertThat(meter.joules(SECOND / 2).getAsDouble()).isEqualTo(4, within(1e-9));
    rapl("intel-rapl:0", "package-0", 6_000_000, 100_000_000);
    meter.sample(SECOND, 0);
    assertThat(meter.watts().getAsDouble()).isEqualTo(6, within(1e-9));
  }

  @Test
  void brokenTreesAreAsGoodAsNone() throws IOException {
    write("sys/class/powercap/intel-rapl:0/name", "package-0");
    write("sys/class/powercap/intel-rapl:0/energy_uj", "not a number");
    Files.createDirectories(root.resolve("sys/class/powercap/intel-rapl:1/energy_uj"));
    write("sys/class/powercap/intel-rapl:1/name", "package-1");
    write("sys/class/hwmon/hwmon0/power1_input", "");
    write("sys/class/hwmon/hwmon1/power1_input", "-5");
    write("sys/bus/i2c/drivers/ina3221x/1-0040/iio:device0/rail_name_0", "VDD_IN");
    assertThat(PowerMeter.find(root)).isEmpty();
  }

  @Test
  void oneThatDisappearsMeasuresNothingFromThenOn() throws IOException {
    write("sys/class/hwmon/hwmon0/power1_input", 5_000_000);
    PowerMeter meter = meter();
    meter.sample(0, 0);
    assertThat(meter.watts()).hasValue(5);
    Files.delete(root.resolve("sys/class/hwmon/hwmon0/power1_input"));
    meter.sample(SECOND, 0);
    assertThat(meter.watts()).isEmpty();
    assertThat(meter.joules(2 * SECOND)).isEmpty();
    meter.sample(3 * SECOND, 0);
    assertThat(meter.learned(CONFIGURED)).isEqualTo(CONFIGURED);
  }

  @Test
  void theRailThatFeedsAllOthersIsTakenAlone() throws IOException {
    String board = "sys/bus/i2c/drivers/ina3221x/1-0040/iio:device0/";
    write(board + "rail_name_0", "VDD_IN");
    write(board + "in_power0_input", 7500);
    write(board + "rail_name_1", "VDD_CPU_GPU_CV");
    write(board + "in_power1_input", 2500);
    rapl("intel-rapl:0", "package-0", 0, 10);
    PowerMeter meter = meter();
    assertThat(meter.name()).contains("VDD_IN").doesNotContain("CPU");
    meter.sample(0, 0);
    assertThat(meter.watts().getAsDouble()).isEqualTo(7.5, within(1e-9));
  }

  @Test
  void newerKernelsTellVoltsAndAmperes() throws IOException {
    String board = "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon3/";
    for (int c = 1; c <= 3; c++) {
      write(board + "in" + c + "_label", c == 3 ? "NC" : "VDD_" + c);
      write(board + "in" + c + "_input", 5000);
      write(board + "curr" + c + "_input", c * 400);
    }
    PowerMeter meter = meter();
    meter.sample(0, 0);
    assertThat(meter.watts().getAsDouble()).isEqualTo(2 + 4, within(1e-9));
  }

  @Test
  void wattsBetweenReadingsAreTakenToLieBetween() throws IOException {
    write("sys/class/hwmon/hwmon0/power1_average", 4_000_000);
    write("sys/class/hwmon/hwmon0/name", "power_meter");
    write("sys/class/hwmon/hwmon1/power1_input", 90_000_000);
    PowerMeter meter = meter();
    meter.sample(0, 0);
    write("sys/class/hwmon/hwmon0/power1_average", 8_000_000);
    meter.sample(2 * SECOND, 0);
    assertThat(meter.joules(2 * SECOND).getAsDouble()).isEqualTo(12, within(1e-9));
    assertThat(meter.joules(3 * SECOND).getAsDouble()).as("until the next reading, it is as it was").isEqualTo(20, within(1e-9));
  }

  @Test
  void whatIdlingAndComputingDrawIsLearnt() throws IOException {
    write("sys/class/hwmon/hwmon0/power1_input", 3_000_000);
    PowerMeter meter = meter();
    IntStream.range(0, 10).forEach(s -> meter.sample(s * SECOND, 0));
    assertThat(meter.learned(CONFIGURED)).isEqualTo(new Power(3, 9, 4, 3.5));
    write("sys/class/hwmon/hwmon0/power1_input", 11_000_000);
    IntStream.range(10, 20).forEach(s -> meter.sample(s * SECOND, 0.8));
    Power learned = meter.learned(CONFIGURED);
    assertThat(learned.idleWatts()).isEqualTo(3, within(1e-9));
    assertThat(learned.computeWatts()).as("busy for four fifths of the time").isEqualTo(13, within(1e-9));
  }

  @Test
  void inferencesUnderWayShareWhatIsDrawn() {
    EnergyShares shares = new EnergyShares();
    double a = shares.begin(100);
    double b = shares.begin(104);
    assertThat(shares.end(a, 110)).as("alone for 4 J, then half of 6").isEqualTo(7, within(1e-9));
    assertThat(shares.end(b, 112)).isEqualTo(5, within(1e-9));
    double later = shares.begin(200);
    assertThat(shares.end(later, 201)).as("idling between belongs to nobody").isEqualTo(1, within(1e-9));
  }
}
