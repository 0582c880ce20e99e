package dev.tilestream.cli.doctor;

import ai.onnxruntime.OrtEnvironment;
import dev.tilestream.kernel.NativeLibrary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Processor, memory, heat, and the libraries that compute. */
final class Hardware {
  private static final long LEAST_MEMORY_MB = 700;
  private static final long GOOD_MEMORY_MB = 1500;
  private static final double HOT_CELSIUS = 80;

  private Hardware() {}

  static Finding processor(Machine machine, int processors) {
    List<String> lines = machine.lines("proc/cpuinfo");
    Set<String> features = new HashSet<>();
    for (String line : lines)
      if (line.startsWith("flags") || line.startsWith("Features"))
        features.addAll(Arrays.asList(line.substring(line.indexOf(':') + 1).strip().split("\\s+")));
    String name = lines.stream().filter(l -> l.startsWith("model name") || l.startsWith("Model")).findFirst()
        .map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
    List<String> wide = List.of("avx512f", "avx2", "asimd", "sve").stream().filter(features::contains).toList();
    String what = "%s, %d processors, %s".formatted(name, processors, wide.isEmpty() ? "no wide instructions" : String.join(" ", wide));
    return wide.isEmpty()
        ? Finding.doubtful("processor", what, "kernels will be several times slower than on one with AVX2 or ARM's asimd")
        : Finding.good("processor", what);
  }

  /** Loads them, which takes seconds. */
  static List<Finding> libraries() {
    List<Finding> findings = new ArrayList<>();
    try {
      findings.add(Finding.good("ONNX Runtime", "version " + OrtEnvironment.getEnvironment().getVersion()));
    } catch (RuntimeException | LinkageError e) {
      findings.add(Finding.bad(
          "ONNX Runtime", "does not load: " + e, "install libstdc++6 and libgomp1; supported are Linux on x86-64 and arm64 with glibc (not musl)"));
    }
    findings.add(NativeLibrary.load(Runtime.getRuntime().availableProcessors())
        ? Finding.good("ND4J", "its library for this processor loads")
        : Finding.doubtful("ND4J", "no library for this processor", "ONNX Runtime computes everything; some convolutions may be slower"));
    return findings;
  }

  static Finding memory(Machine machine) {
    long free = -1;
    for (String line : machine.lines("proc/meminfo"))
      if (line.startsWith("MemAvailable:")) free = Long.parseLong(line.replaceAll("\\D", "")) >> 10;
    if (free < 0) return Finding.doubtful("memory", "unknown", "/proc/meminfo cannot be read");
    String what = free + " MB available";
    if (free < LEAST_MEMORY_MB)
      return Finding.bad(
          "memory", what, "a node takes 250 MB and two to three times a model's weights: stop other programs, or TILESTREAM_HEAP=256m");
    if (free < GOOD_MEMORY_MB) return Finding.doubtful("memory", what, "enough for small models; TILESTREAM_HEAP=256m saves some");
    return Finding.good("memory", what);
  }

  static List<Finding> heat(Machine machine) {
    List<Finding> findings = new ArrayList<>();
    for (String zone : machine.list("sys/class/thermal")) {
      if (!zone.startsWith("thermal_zone")) continue;
      var milli = machine.number("sys/class/thermal/" + zone + "/temp");
      if (milli.isEmpty() || milli.getAsLong() < HOT_CELSIUS * 1000) continue;
      String type = machine.text("sys/class/thermal/" + zone + "/type").orElse(zone).strip();
      findings.add(Finding.doubtful(
          "heat", String.format(Locale.ROOT, "%s at %.0f degrees", type, milli.getAsLong() / 1e3),
          "a hot device slows itself down; plans follow, but a fan would be faster"));
    }
    if (findings.isEmpty()) findings.add(Finding.good("heat", "nothing above %.0f degrees".formatted(HOT_CELSIUS)));
    return findings;
  }

  static Finding governor(Machine machine) {
    String governor = machine.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").orElse("").strip();
    if (governor.isEmpty()) return Finding.good("clock rate", "not governed here");
    boolean slow = governor.equals("powersave") && !machine.exists("sys/devices/system/cpu/intel_pstate");
    return slow
        ? Finding.doubtful(
            "clock rate", "governor powersave", "this keeps the clock low: cpupower frequency-set -g schedutil (a Jetson: nvpmodel, jetson_clocks)")
        : Finding.good("clock rate", "governor " + governor);
  }
}
