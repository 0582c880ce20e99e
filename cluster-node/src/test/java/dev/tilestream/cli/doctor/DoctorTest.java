package dev.tilestream.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.cli.doctor.Finding.Level;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorTest {
  @TempDir Path root;

  private Machine machine(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    return new Machine(root);
  }

  @ParameterizedTest
  @CsvSource({"-45., GOOD, good", "-70., DOUBTFUL, fair", "-82, DOUBTFUL, weak"})
  void radiosAreJudgedByTheirSignal(String level, Level expected, String word) throws IOException {
    Machine machine = machine("proc/net/wireless", """
        Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
         face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
         wlan0: 0000   54.  %s  -256        0      0      0      0     79        0
        """.formatted(level));
    Finding finding = Network.wifi(machine).get(0);
    assertThat(finding.level()).isEqualTo(expected);
    assertThat(finding.what()).startsWith("wlan0 at ").contains(word);
  }

  @Test
  void aMachineWithoutARadioIsGood() {
    assertThat(Network.wifi(new Machine(root))).extracting(Finding::level).containsExactly(Level.GOOD);
  }

  @Test
  void aPortThatIsTakenIsBadAndSaysHowToFindWhoHasIt() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Finding finding = Network.port("HTTP", "127.0.0.1", taken.getLocalPort());
      assertThat(finding.level()).isEqualTo(Level.BAD);
      assertThat(finding.advice()).contains("ss -ltnp | grep " + taken.getLocalPort());
      assertThat(Network.member("127.0.0.1:" + taken.getLocalPort(), Duration.ofSeconds(2)).level()).isEqualTo(Level.GOOD);
    }
    assertThat(Network.port("HTTP", "127.0.0.1", 0).level()).isEqualTo(Level.GOOD);
    assertThat(Network.port("HTTP", "203.0.113.7", 8000).level()).as("an address of another machine").isEqualTo(Level.BAD);
  }

  @Test
  void aMemberThatIsNotThereIsBad() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertThat(Network.member("127.0.0.1:" + free, Duration.ofSeconds(2)).level()).isEqualTo(Level.BAD);
  }

  @ParameterizedTest
  @CsvSource({"8000000, GOOD", "1200000, DOUBTFUL", "400000, BAD"})
  void memoryIsWhatIsAvailable(long kilobytes, Level expected) throws IOException {
    Machine machine = machine("proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 1 kB\nMemAvailable:    %d kB\n".formatted(kilobytes));
    assertThat(Hardware.memory(machine).level()).isEqualTo(expected);
  }

  @Test
  void processorsWithoutWideInstructionsAreDoubtful() throws IOException {
    Machine wide = machine("proc/cpuinfo", "processor : 0\nmodel name : Some CPU\nflags\t\t: fpu sse2 avx2 fma\n");
    assertThat(Hardware.processor(wide, 4)).isEqualTo(Finding.good("processor", "Some CPU, 4 processors, avx2"));
    Machine narrow = machine("proc/cpuinfo", "processor : 0\nmodel name : Old CPU\nflags : fpu sse2\n");
    assertThat(Hardware.processor(narrow, 1).level()).isEqualTo(Level.DOUBTFUL);
  }

  @Test
  void heatAndASlowClockAreTold() throws IOException {
    machine("sys/class/thermal/thermal_zone0/type", "CPU-therm\n");
    Machine machine = machine("sys/class/thermal/thermal_zone0/temp", "91500\n");
    assertThat(Hardware.heat(machine)).extracting(Finding::what).containsExactly("CPU-therm at 92 degrees");
    Machine slow = machine("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    assertThat(Hardware.governor(slow).level()).isEqualTo(Level.DOUBTFUL);
    assertThat(Hardware.governor(machine("sys/devices/system/cpu/intel_pstate/status", "active")).level()).isEqualTo(Level.GOOD);
  }

  @Test
  void aClockThatWasNeverSetIsBad() {
    assertThat(Surroundings.clock(new Machine(root), Instant.parse("1970-01-01T00:10:00Z"), 2026).level()).isEqualTo(Level.BAD);
    assertThat(Surroundings.clock(new Machine(root), Instant.parse("2027-01-01T00:00:00Z"), 2026).level()).isEqualTo(Level.GOOD);
  }

  @Test
  void everythingTogetherHasAdviceWhereverItIsNotGood() {
    Examination examination =
        new Examination(new Machine(root), "127.0.0.1", "127.0.0.1", 0, 0, 0, List.of("127.0.0.1:1"), root.resolve("none"), root.resolve("cache"));
    List<Finding> findings = examination.findings();
    assertThat(findings).extracting(Finding::topic)
        .contains("Java", "processor", "ONNX Runtime", "memory", "cache", "models", "Wi-Fi", "member 127.0.0.1:1");
    assertThat(findings).allMatch(f -> f.level() == Level.GOOD == f.advice().isEmpty());
    assertThat(findings).filteredOn(f -> f.topic().equals("ONNX Runtime")).extracting(Finding::level).containsExactly(Level.GOOD);
  }
}
