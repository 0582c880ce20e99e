package dev.tilestream.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Memory of this process that is not its heap, as Linux counts it; elsewhere nothing is seen. */
final class Footprint {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String FORGET_THE_PEAK = "5";
  private static final Pattern NOW = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private Footprint() {}

  /** Resident now, less the heap that is committed: how much of that is resident nobody tells, so it may be too little, never too much. */
  static long beyondHeap() {
    return resident(NOW) - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
  }

  /** The highest since {@link #forgetPeak}, less the most that the heap had committed meanwhile, which may have been given back since. */
  static long peakBeyondHeap() {
    return resident(PEAK) - Math.max(heapAtPeaks(), ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted());
  }

  private static long heapAtPeaks() {
    return heapPools().mapToLong(pool -> pool.getPeakUsage().getCommitted()).sum();
  }

  private static Stream<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP);
  }

  static void forgetPeak() {
    heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
    try {
      if (Files.isWritable(CLEAR)) Files.writeString(CLEAR, FORGET_THE_PEAK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long resident(Pattern line) {
    if (!Files.isReadable(STATUS)) return 0;
    try {
      Matcher found = line.matcher(Files.readString(STATUS));
      return found.find() ? Long.parseLong(found.group(1)) << 10 : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
