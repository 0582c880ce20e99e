package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Attributes;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries both libraries on the very band and keeps the faster. Bands with equal models are measured once. ONNX Runtime computes what ND4J
 * can't, what is too small for the difference to matter, and everything when there is no time to measure.
 */
final class MeasuredKernels implements Kernels {
  private static final Logger LOG = LoggerFactory.getLogger(MeasuredKernels.class);
  /** Below this, calls cost more than arithmetic, and ONNX Runtime makes one call a band where ND4J makes one an operator. */
  private static final double WORTH_MEASURING_FLOPS = 5e6;
  private static final int MOST_RUNS = 10;
  /** A library that lost this often on bands with the same kind of work, and never won, is not tried on them again. */
  private static final int LOSSES_TO_GIVE_UP = 3;

  private final KernelSettings settings;
  private final OnnxRuntimeKernels onnxRuntime;
  private final Map<String, Boolean> nd4jWins = new ConcurrentHashMap<>();
  private final Map<String, Integer> nd4jLosses = new ConcurrentHashMap<>();

  MeasuredKernels(KernelSettings settings) {
    this.settings = settings;
    this.onnxRuntime = new OnnxRuntimeKernels(settings.threads());
  }

  @Override
  public Kernel create(Band band) {
    boolean measured = settings.backend() == KernelSettings.Backend.AUTO;
    boolean never = settings.backend() == KernelSettings.Backend.ONNXRUNTIME || measured && settings.measureBudget().isZero();
    if (never || measured && flops(band) < WORTH_MEASURING_FLOPS) return onnxRuntime.create(band);
    if (measured && nd4jLosses.getOrDefault(kind(band), 0) >= LOSSES_TO_GIVE_UP) return onnxRuntime.create(band);
    Optional<Nd4jProgram> program = Nd4jProgram.of(band);
    if (program.isEmpty() || !NativeLibrary.load(settings.threads())) return onnxRuntime.create(band);
    Kernel nd4j = new Nd4jKernel(band, program.get());
    return measured ? faster(band, nd4j) : nd4j;
  }

  @Override
  public Kernel createQuickly(Band band) {
    return settings.backend() == KernelSettings.Backend.ND4J ? create(band) : onnxRuntime.create(band);
  }

  private Kernel faster(Band band, Kernel nd4j) {
    BandModel model = BandModel.of(band);
    Boolean known = nd4jWins.get(model.hash());
    if (known != null && known) return nd4j;
    Kernel other;
    try {
      other = onnxRuntime.create(band, model);
      if (known == null) known = nd4jWins.computeIfAbsent(model.hash(), h -> measure(band, nd4j, other));
    } catch (RuntimeException e) {
      nd4j.close();
      throw e;
    }
    (known ? other : nd4j).close();
    return known ? nd4j : other;
  }

  private boolean measure(Band band, Kernel nd4j, Kernel onnx) {
    boolean won = nd4jFaster(band, nd4j, onnx);
    nd4jLosses.merge(kind(band), won ? Integer.MIN_VALUE / 2 : 1, (a, b) -> Math.max(a + b, Integer.MIN_VALUE / 2));
    return won;
  }

  /** What most of a band's work is: the operator's type and attributes, whatever its size. */
  private static String kind(Band band) {
    Operator heaviest = null;
    for (int id : band.operators()) {
      Operator o = band.graph().operator(id);
      if (heaviest == null || o.flops() > heaviest.flops()) heaviest = o;
    }
    if (heaviest == null) return "";
    Attributes attributes = Attributes.of(heaviest.node());
    return heaviest.type() + Arrays.toString(attributes.integers("kernel_shape")) + Arrays.toString(attributes.integers("strides"));
  }

  /** Work of the band: each operator's share of the rows that the band makes. */
  static double flops(Band band) {
    double flops = 0;
    for (int id : band.operators()) {
      Operator o = band.graph().operator(id);
      int out = OperatorForms.output(o);
      double share = band.rows(out).map(r -> r.rows() / (double) band.graph().tensor(out).rows()).orElse(1.0);
      flops += share * o.flops();
    }
    return flops;
  }

  private boolean nd4jFaster(Band band, Kernel nd4j, Kernel onnx) {
    try (BufferPool pool = BufferPool.bounded(Long.MAX_VALUE, Long.MAX_VALUE)) {
      List<TensorSlice> inputs = new ArrayList<>();
      for (Rows r : band.inputs()) {
        Tensor t = band.graph().tensor(r.tensor());
        inputs.add(TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), r.span()));
      }
      try {
        return nd4jFaster(nd4j, onnx, inputs, pool);
      } finally {
        inputs.forEach(TensorSlice::release);
      }
    }
  }

  /** Both by turns, the best of each, until the time is used up; the first run of each only warms up. */
  private boolean nd4jFaster(Kernel nd4j, Kernel onnx, List<TensorSlice> inputs, BufferPool pool) {
    // Zeros, not whatever lay there: numbers too small for the processor's fast path would slow either side at random.
    for (TensorSlice s : inputs) for (var bytes = s.data(); bytes.remaining() >= 8; ) bytes.putLong(0);
    long start = System.nanoTime();
    long first;
    try {
      first = time(nd4j, inputs, pool);
    } catch (RuntimeException e) {
      LOG.warn("ND4J failed on a band; ONNX Runtime computes it", e);
      return false;
    }
    long other = time(onnx, inputs, pool);
    long bestNd4j = Long.MAX_VALUE;
    long bestOnnx = Long.MAX_VALUE;
    for (int run = 0; run < MOST_RUNS && (run == 0 || System.nanoTime() - start < settings.measureBudget().toNanos()); run++) {
      bestOnnx = Math.min(bestOnnx, time(onnx, inputs, pool));
      bestNd4j = Math.min(bestNd4j, time(nd4j, inputs, pool));
    }
    LOG.debug("measured: ND4J {} ns (first {}), ONNX Runtime {} ns (first {})", bestNd4j, first, bestOnnx, other);
    return bestNd4j < bestOnnx;
  }

  private static long time(Kernel kernel, List<TensorSlice> inputs, BufferPool pool) {
    long start = System.nanoTime();
    List<TensorSlice> outputs = kernel.run(inputs, pool);
    long took = System.nanoTime() - start;
    outputs.forEach(TensorSlice::release);
    return took;
  }

  @Override
  public void close() {
    onnxRuntime.close();
  }
}
