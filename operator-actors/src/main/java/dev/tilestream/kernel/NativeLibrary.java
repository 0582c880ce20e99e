package dev.tilestream.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The build of ND4J's native library that this processor can run and runs fastest: one with oneDNN (or the ARM Compute Library) is up to
 * nine times faster than the plain one, and one for another processor ends in an illegal instruction. Chosen from what is on the class
 * path, once per process, when the first kernel asks: a node that never needs it doesn't pay for it.
 */
public final class NativeLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);
  private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
  private static Boolean loaded;

  private NativeLibrary() {}

  /** A build, best first, and the processor features it needs. */
  enum Build {
    AVX512("linux-x86_64", "-onednn-avx512", Set.of("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd", "fma")),
    AVX2("linux-x86_64", "-onednn-avx2", Set.of("avx2", "fma")),
    ARM_COMPUTE("linux-arm64", "-armcompute", Set.of("asimd")),
    PLAIN_ARM("linux-arm64", "", Set.of()),
    PLAIN_X86("linux-x86_64", "", Set.of());

    private final String platform;
    private final String extension;
    private final Set<String> needs;

    Build(String platform, String extension, Set<String> needs) {
      this.platform = platform;
      this.extension = extension;
      this.needs = needs;
    }

    String resource() {
      return "org/nd4j/linalg/cpu/nativecpu/bindings/" + platform + extension + "/libnd4jcpu.so";
    }

    /** The best build for a processor with these features whose library is there. */
    static Optional<Build> best(String platform, Set<String> features, Predicate<Build> there) {
      return Arrays.stream(values()).filter(b -> b.platform.equals(platform) && features.containsAll(b.needs) && there.test(b)).findFirst();
    }
  }

  /**
   * Loads ND4J unless that was done. {@code threads} counts at the first call.
   *
   * @return false when no build fits this machine; the log says so
   */
  public static synchronized boolean load(int threads) {
    if (loaded == null) loaded = attempt(threads);
    return loaded;
  }

  /** Which build fits this machine, and how large its library is, which tells versions apart; nothing is loaded. */
  static String chosen() {
    return best().map(b -> b + " " + size(b.resource())).orElse("none");
  }

  private static long size(String resource) {
    try {
      return NativeLibrary.class.getClassLoader().getResource(resource).openConnection().getContentLengthLong();
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  private static Optional<Build> best() {
    return Build.best(platform(), features(), b -> there(b.resource()));
  }

  private static boolean attempt(int threads) {
    Optional<Build> build = best();
    if (build.isEmpty()) {
      LOG.info("ND4J: no native library for {} on the class path; ONNX Runtime computes everything", platform());
      return false;
    }
    long start = System.nanoTime();
    System.setProperty(EXTENSION, build.get().extension);
    // Tensors live in our own pool, which has its own bounds; JavaCPP would count the whole process against the heap's size.
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    try {
      Nd4j.getEnvironment().setMaxThreads(threads);
      Nd4j.getEnvironment().setMaxMasterThreads(threads);
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
      // Everything here is closed by hand: no need to call the garbage collector now and then.
      Nd4j.getMemoryManager().togglePeriodicGc(false);
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("ND4J: {} did not load; ONNX Runtime computes everything", build.get(), e);
      return false;
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    LOG.info("ND4J: native library {} for this processor, {} threads, loaded in {} ms", build.get(), threads, millis);
    return true;
  }

  private static boolean there(String resource) {
    return NativeLibrary.class.getClassLoader().getResource(resource) != null;
  }

  private static String platform() {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return (os.contains("linux") ? "linux" : os) + "-" + (arch.equals("amd64") ? "x86_64" : arch.equals("aarch64") ? "arm64" : arch);
  }

  private static Set<String> features() {
    if (!Files.exists(PROCESSOR)) return Set.of();
    try {
      return features(Files.readAllLines(PROCESSOR));
    } catch (IOException e) {
      throw new UncheckedIOException(PROCESSOR.toString(), e);
    }
  }

  /** Features of the first processor; Linux calls the line {@code flags} or {@code Features}. */
  static Set<String> features(List<String> cpuinfo) {
    for (String line : cpuinfo)
      if (line.startsWith("flags") || line.startsWith("Features"))
        return new HashSet<>(List.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+")));
    return Set.of();
  }
}
