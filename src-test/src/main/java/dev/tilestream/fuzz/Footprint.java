package dev.tilestream.fuzz;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory of this process that is not its heap, as Linux counts it; elsewhere nothing is seen, nor is it where the heap is not all there from the
 * start ({@code -Xms} as {@code -Xmx}, {@code -XX:+AlwaysPreTouch}).
 */
final class Footprint {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String FORGET_THE_PEAK = "5";
  private static final Pattern NOW = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  /** Of a heap that grows and shrinks, or was not touched yet, nobody tells how much is resident: then growth says nothing. */
  private static final boolean HEAP_IS_RESIDENT = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
      .getVMOption("AlwaysPreTouch").getValue().equals("true") && Runtime.getRuntime().totalMemory() >= Runtime.getRuntime().maxMemory();

  private Footprint() {}

  /** Resident now, less the heap; 0 when nothing is seen. */
  static long beyondHeap() {
    return beyondHeap(NOW);
  }

  /** The highest since {@link #forgetPeak}, less the heap; 0 when nothing is seen. */
  static long peakBeyondHeap() {
    return beyondHeap(PEAK);
  }

  private static long beyondHeap(Pattern line) {
    if (!HEAP_IS_RESIDENT || !Files.isReadable(STATUS)) return 0;
    return resident(line) - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
  }

  static void forgetPeak() {
    try {
      if (Files.isWritable(CLEAR)) Files.writeString(CLEAR, FORGET_THE_PEAK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long resident(Pattern line) {
    try {
      Matcher found = line.matcher(Files.readString(STATUS));
      return found.find() ? Long.parseLong(found.group(1)) << 10 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
