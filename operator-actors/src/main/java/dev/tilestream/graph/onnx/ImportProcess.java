package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.Shape;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Importing in a process of its own. ONNX Runtime trusts models: some crash it, corrupt its memory, keep it busy for ever, or have it fold
 * a few numbers into gigabytes. Whatever happens to the process, who started it lives on, and finds in a directory what came of it.
 */
final class ImportProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ImportProcess.class);
  private static final int REFUSED = 4;
  private static final int LATE = 5;
  private static final String REFUSAL = "refusal";
  private static final long GOING_SECONDS = 10;
  /** Copies of the weights at the worst moment: mapped twice, as ONNX Runtime read and as it optimised them, and as they are written. */
  private static final int COPIES = 6;
  private static final long LEAST_HEAP = 256 << 20;
  private static final List<String> SMALL = List.of(
      "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompressedClassSpaceSize=64m", "-XX:ReservedCodeCacheSize=48m", "-Xshare:auto",
      "-XX:-CreateCoredumpOnCrash", "-XX:+ExitOnOutOfMemoryError");

  private ImportProcess() {}

  /**
   * What to import.
   *
   * @param bytes of the file and the weights beside it
   */
  record Task(Path model, long bytes, Map<String, Shape> shapes, Optional<Pixels> pixels) {}

  /**
   * Returns when the import is in {@code cache}, where nobody else works.
   *
   * @throws ModelRefused as {@link OnnxImporter#load} does, and when the process does not come to its end
   */
  static void run(Task task, Path cache, Isolation isolation) {
    Process process = null;
    try {
      process = start(task, cache, isolation);
      tell(task, process);
      if (!process.waitFor(isolation.deadline().toMillis(), TimeUnit.MILLISECONDS))
        throw new ModelRefused("model: not imported within %d s (expected: in less)".formatted(isolation.deadline().toSeconds()));
      int status = process.exitValue();
      if (status == REFUSED) throw new ModelRefused(Files.readString(cache.resolve(REFUSAL)));
      if (status != 0)
        throw new ModelRefused("model: the process that imported it ended with status %d (expected: 0); ONNX Runtime can't take this model, or "
            .formatted(status) + "not in %d MB".formatted(space(task.bytes, isolation) >> 20));
    } catch (IOException e) {
      throw new UncheckedIOException("importing " + task.model, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("importing %s: interrupted".formatted(task.model), e);
    } finally {
      // Until it is gone, it may write where somebody tidies up.
      if (process != null) process.destroyForcibly().onExit().completeOnTimeout(process, GOING_SECONDS, TimeUnit.SECONDS).join();
    }
  }

  private static void tell(Task task, Process process) {
    try (DataOutputStream out = new DataOutputStream(process.getOutputStream())) {
      writeShapes(task.shapes, out);
      out.writeBoolean(task.pixels.isPresent());
      if (task.pixels.isPresent()) write(task.pixels.get(), out);
    } catch (IOException e) {
      LOG.debug("an import's process ended before it heard of its task; its status tells more", e);
    }
  }

  private static long space(long modelBytes, Isolation isolation) {
    return isolation.memory() + heap(modelBytes) + COPIES * modelBytes;
  }

  /** Weights that are not raw bytes are on the heap as they are read and as they are written. */
  private static long heap(long modelBytes) {
    return LEAST_HEAP + 2 * modelBytes;
  }

  private static Process start(Task task, Path cache, Isolation isolation) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        "sh", "-c", "ulimit -v %d; exec \"$@\"".formatted(space(task.bytes, isolation) >> 10), "import",
        Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(SMALL);
    command.addAll(List.of(
        "-Xmx" + heap(task.bytes), "-XX:ErrorFile=" + cache.resolve("crash"),
        // Libraries unpack themselves there, and are not there to tidy up when it has crashed.
        "-Djava.io.tmpdir=" + cache.toAbsolutePath(), ImportProcess.class.getName(),
        task.model.toAbsolutePath().toString(), cache.toAbsolutePath().toString(), "" + isolation.deadline().toMillis()));
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
    // In the environment rather than on the command line, so that ps shows what a process is.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }

  private static void writeShapes(Map<String, Shape> shapes, DataOutputStream out) throws IOException {
    out.writeInt(shapes.size());
    for (Map.Entry<String, Shape> e : shapes.entrySet()) {
      writeText(e.getKey(), out);
      out.writeInt(e.getValue().rank());
      for (int dim : e.getValue().dims()) out.writeInt(dim);
    }
  }

  private static Map<String, Shape> readShapes(DataInputStream in) throws IOException {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int n = in.readInt(); n > 0; n--) {
      String name = readText(in);
      int[] dims = new int[in.readInt()];
      for (int i = 0; i < dims.length; i++) dims[i] = in.readInt();
      shapes.put(name, Shape.of(dims));
    }
    return shapes;
  }

  private static void write(Pixels pixels, DataOutputStream out) throws IOException {
    writeText(pixels.input(), out);
    out.writeBoolean(pixels.channelsLast());
    for (List<Double> values : List.of(pixels.mean(), pixels.scale())) {
      out.writeInt(values.size());
      for (double v : values) out.writeDouble(v);
    }
  }

  private static Pixels readPixels(DataInputStream in) throws IOException {
    return new Pixels(readText(in), in.readBoolean(), readNumbers(in), readNumbers(in));
  }

  private static List<Double> readNumbers(DataInputStream in) throws IOException {
    List<Double> numbers = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) numbers.add(in.readDouble());
    return numbers;
  }

  private static void writeText(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  /** @param arguments the model's file, the cache to import it to, milliseconds; shapes of its inputs and pixels come on standard input */
  public static void main(String[] arguments) throws IOException {
    Path cache = Path.of(arguments[1]);
    // Who started it may be gone by then.
    CompletableFuture.delayedExecutor(Long.parseLong(arguments[2]), TimeUnit.MILLISECONDS).execute(() -> exit(LATE));
    try (DataInputStream in = new DataInputStream(System.in)) {
      Map<String, Shape> shapes = readShapes(in);
      Optional<Pixels> pixels = in.readBoolean() ? Optional.of(readPixels(in)) : Optional.empty();
      OnnxImporter.load(Path.of(arguments[0]), shapes, pixels, cache, Optional.empty()).weights().close();
    } catch (ModelRefused e) {
      Files.writeString(cache.resolve(REFUSAL), e.getMessage());
      exit(REFUSED);
    }
    exit(0);
  }

  /** At once: libraries that were made to read anything end as they like. */
  private static void exit(int status) {
    Runtime.getRuntime().halt(status);
  }
}
