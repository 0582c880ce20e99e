package dev.tilestream.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory of a JVM process, seen from outside.
 *
 * @param heapBytes in use after a full collection
 * @param residentBytes everything: heap, code, native memory
 */
public record ProcessMemory(long heapBytes, long residentBytes) {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern GENERATION = Pattern.compile("generation\\s+total \\d+K, used (\\d+)K");

  /** Collects garbage there, then reads. Linux only. */
  public static ProcessMemory of(long pid) {
    jcmd(pid, "GC.run");
    long heap = sum(GENERATION.matcher(jcmd(pid, "GC.heap_info")));
    try {
      return new ProcessMemory(heap, sum(RESIDENT.matcher(Files.readString(Path.of("/proc/" + pid + "/status")))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long sum(Matcher kilobytes) {
    long sum = 0;
    while (kilobytes.find()) sum += Long.parseLong(kilobytes.group(1)) << 10;
    return sum;
  }

  private static String jcmd(long pid, String command) {
    try {
      Process process =
          new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) throw new IllegalStateException("jcmd %d %s: %s".formatted(pid, command, output));
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public String toString() {
    return "heap %d MB, resident %d MB".formatted(heapBytes >> 20, residentBytes >> 20);
  }
}
