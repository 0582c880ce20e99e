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
 * @param heapBytes of objects that a full collection leaves
 * @param residentBytes everything: heap, code, native memory
 */
public record ProcessMemory(long heapBytes, long residentBytes) {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern LIVE = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

  /**
   * Collects garbage there and adds up what lives, both at one safepoint: what a busy process allocates between two commands is not memory it
   * keeps. Linux only.
   */
  public static ProcessMemory of(long pid) {
    long heap = one(LIVE, jcmd(pid, "GC.class_histogram"));
    try {
      return new ProcessMemory(heap, one(RESIDENT, Files.readString(Path.of("/proc/" + pid + "/status"))) << 10);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long one(Pattern number, String text) {
    Matcher found = number.matcher(text);
    if (!found.find()) throw new IllegalStateException("no '%s' in: %s".formatted(number, text));
    return Long.parseLong(found.group(1));
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
