package dev.tilestream.fuzz;

import dev.tilestream.cli.ScratchDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A campaign in child processes: when one dies, or hangs, another one goes on behind the case that it had begun. That case is a finding
 * unless the product has a process for it, too, and outlives it. Their address space is bounded, so that a case that wants all memory fails
 * alone.
 */
final class ChildCampaign {
  private static final long ADDRESS_SPACE_KB = 8L << 20;
  /** Longer than any case's deadline and a JVM's start. */
  private static final Duration SILENCE = Duration.ofSeconds(90);
  private static final int ENOUGH = 10;
  private static final String END = "";
  private static final String CONTAINED = "contained";

  private final FuzzTarget target;
  private final Extent extent;
  private final Tally tally;
  private final long start = System.nanoTime();
  private long next;
  /** Begun and not ended. */
  private long open = -1;

  ChildCampaign(FuzzTarget target, Extent extent) {
    this.target = target;
    this.extent = extent;
    tally = new Tally(target.word());
    next = extent.seed();
  }

  Tally run() throws IOException {
    try (ScratchDirectory directory = ScratchDirectory.create("tilestream-fuzz-child-")) {
      while (!over()) child(directory.path());
    }
    tally.spent(elapsed());
    return tally;
  }

  private boolean over() {
    return left() <= 0 || next - extent.seed() >= extent.cases() || tally.findings().size() >= ENOUGH;
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private long left() {
    return extent.time().minus(elapsed()).toMillis();
  }

  private void child(Path directory) throws IOException {
    Path errors = directory.resolve("errors");
    Process process = new ProcessBuilder(command(directory)).directory(directory.toFile()).redirectError(errors.toFile()).start();
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(1024);
    Thread reader = new Thread(() -> pass(process, lines), "fuzz-child");
    reader.setDaemon(true);
    reader.start();
    open = -1;
    try {
      for (String line = lines.poll(SILENCE.toSeconds(), TimeUnit.SECONDS); !END.equals(line);
          line = lines.poll(SILENCE.toSeconds(), TimeUnit.SECONDS)) {
        if (line == null) {
          died(directory, "is silent for " + SILENCE);
          return;
        }
        hear(line);
      }
      int status = process.waitFor();
      if (status != 0 && status != FuzzChild.HUNG) died(directory, "ended its process with status " + status);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> command(Path directory) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Stream<String> data = Stream.of("tilestream.data", "tilestream.home")
        .filter(name -> System.getProperty(name) != null).map(name -> "-D%s=%s".formatted(name, System.getProperty(name)));
    List<String> jvm = List.of(
        "bash", "-c", "ulimit -v %d; exec \"$@\"".formatted(ADDRESS_SPACE_KB), "fuzz", java, "-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch",
        "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=1g", "-XX:ErrorFile=" + directory.resolve("crash"), "-cp",
        System.getProperty("java.class.path"));
    List<String> main = List.of(FuzzChild.class.getName(), target.word(), "" + next, "" + (extent.cases() - (next - extent.seed())),
        "" + Math.max(1, left()));
    return Stream.of(jvm.stream(), data, main.stream()).flatMap(s -> s).toList();
  }

  private static void pass(Process process, BlockingQueue<String> lines) {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) if (!line.equals(END)) lines.put(line);
      lines.put(END);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hear(String line) {
    String[] words = line.split(" ", 5);
    switch (words[0]) {
      case FuzzChild.BEGINS -> open = Long.parseLong(words[1]);
      case FuzzChild.ENDED -> {
        tally.ended(open, line.split(" ", 4)[3], Duration.ofNanos(Long.parseLong(words[2])));
        closed();
      }
      case FuzzChild.FOUND -> {
        Finding f = new Finding(target.word(), Long.parseLong(words[1]), text(words[2]), text(words[3]), Base64.getDecoder().decode(words[4]));
        if (f.what().startsWith(Campaign.HANGS) || f.what().startsWith(Campaign.GREW)) settle(f);
        else tally.found(f);
        closed();
      }
      default -> {
        // Whatever libraries print.
      }
    }
  }

  private void closed() {
    next = open + 1;
    open = -1;
  }

  private void died(Path directory, String how) throws IOException {
    String when = open < 0 ? how + ", between cases" : how;
    if (open < 0) open = next;
    String crash = tail(directory.resolve("crash"));
    Files.deleteIfExists(directory.resolve("crash"));
    settle(new Finding(target.word(), open, when, crash.isEmpty() ? tail(directory.resolve("errors")) : crash, new byte[0]));
    closed();
  }

  /** What a process as a whole suffered from is no finding where the product has a process for it. */
  private void settle(Finding finding) {
    long since = System.nanoTime();
    if (contained(finding.seed())) tally.ended(finding.seed(), CONTAINED, Duration.ofNanos(System.nanoTime() - since));
    else tally.found(finding);
  }

  private boolean contained(long seed) {
    Optional<Trial> again = target.isolated(seed);
    if (again.isEmpty()) return false;
    try {
      again.get().reading().call();
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private static String tail(Path file) throws IOException {
    if (!Files.exists(file)) return "";
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.filter(l -> !l.isBlank()).limit(60).collect(Collectors.joining("\n"));
    }
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
