package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.kernel.NativeLibrary.Build;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
  private static final List<String> SERVER = List.of(
      "processor : 0", "flags\t\t: fpu fma avx avx2 avx512f avx512bw avx512dq avx512vl avx512cd fpu");
  private static final List<String> LAPTOP = List.of("flags\t\t: fpu fma avx avx2");
  private static final List<String> OLD = List.of("flags\t\t: fpu sse4_2");
  private static final List<String> ROBOT = List.of("processor\t: 0", "Features\t: fp asimd evtstrm");

  @Test
  void picksTheBuildThatTheProcessorCanRun() {
    assertThat(best("linux-x86_64", SERVER)).contains(Build.AVX512);
    assertThat(best("linux-x86_64", LAPTOP)).contains(Build.AVX2);
    assertThat(best("linux-x86_64", OLD)).contains(Build.PLAIN_X86);
    assertThat(best("linux-arm64", ROBOT)).contains(Build.ARM_COMPUTE);
    assertThat(best("windows-x86_64", SERVER)).isEmpty();
  }

  @Test
  void picksOnlyWhatIsOnTheClassPath() {
    Set<Build> there = EnumSet.of(Build.AVX2);
    assertThat(Build.best("linux-x86_64", NativeLibrary.features(SERVER), there::contains)).contains(Build.AVX2);
    assertThat(Build.best("linux-x86_64", NativeLibrary.features(OLD), there::contains)).isEmpty();
  }

  private static java.util.Optional<Build> best(String platform, List<String> cpuinfo) {
    return Build.best(platform, NativeLibrary.features(cpuinfo), b -> true);
  }
}
