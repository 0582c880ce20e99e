package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.Kernel;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What stages take in an inference beyond what they take over and over: each finds its weights, and the library what it needs for a call,
 * pushed out of the caches by the stages before it. So a quarter of the rows of every local stage runs, one stage behind the other, in a
 * few rounds. Of a network in thirds on three devices this is a third of all time (resnet50) or half (mobilenet-v2).
 *
 * @param tileSeconds what a call takes, whatever the stage: a tile of several stages has it once
 * @param stageSeconds by stage, beyond that: mostly its weights; 0 of stages that are not local
 */
record ColdRounds(double tileSeconds, double[] stageSeconds) {
  private static final int ROUNDS = 5;
  /** Kernels stay open during the rounds: no more of them than have so many weights together. */
  private static final long WEIGHT_BYTES = 256L << 20;
  /** With fewer stages there is no telling calls from weights. */
  private static final int AT_LEAST = 4;
  private static final int STRIDE = 4;

  static ColdRounds none(OperatorGraph graph) {
    return new ColdRounds(0, new double[graph.stages().size()]);
  }

  private record Runner(int stage, double hotSeconds, Kernel kernel, List<TensorSlice> inputs, double[] seconds) {
    /** By the least of the rounds, as elsewhere: what neighbours on the machine add is not the stage's. */
    double extra() {
      return Math.max(0, Arrays.stream(seconds).min().getAsDouble() - hotSeconds);
    }

    void close() {
      inputs.forEach(TensorSlice::release);
      kernel.close();
    }
  }

  /**
   * @param times of the stages over and over
   * @param untilNanos no more stages are taken once so much is spent; those left out take what others do for as many bytes of weights
   */
  static ColdRounds measure(OperatorGraph graph, StageTime[] times, KernelTimer timer, BufferPool pool, long untilNanos) {
    List<Runner> runners = new ArrayList<>();
    try {
      long weights = 0;
      // All over the graph, should there be time for a part only.
      for (int first = 0; first < STRIDE; first++)
        for (int i = first; i < graph.stages().size(); i += STRIDE) {
          Stage s = graph.stage(i);
          if (!s.local() || weights + weights(graph, s) > WEIGHT_BYTES || timer.spentNanos() >= untilNanos) continue;
          weights += weights(graph, s);
          open(graph, s, times[i], timer, pool, runners);
        }
      for (int round = -1; round < ROUNDS; round++)
        for (Runner r : runners) {
          double seconds = timer.run(r.kernel, r.inputs);
          if (round >= 0) r.seconds[round] = seconds;
        }
      return of(graph, runners);
    } catch (BufferPool.Exhausted noRoomForSoMany) {
      return none(graph);
    } finally {
      runners.forEach(Runner::close);
    }
  }

  private static ColdRounds of(OperatorGraph graph, List<Runner> runners) {
    double[] extras = runners.stream().mapToDouble(Runner::extra).filter(e -> !Double.isNaN(e)).sorted().toArray();
    if (extras.length < AT_LEAST) return none(graph);
    double call = extras[extras.length / 4];
    double[] stages = new double[graph.stages().size()];
    boolean[] measured = new boolean[stages.length];
    double seconds = 0;
    double bytes = 1;
    for (Runner r : runners) {
      if (Double.isNaN(r.extra())) continue;
      measured[r.stage] = true;
      stages[r.stage] = Math.max(0, r.extra() - call);
      seconds += stages[r.stage];
      bytes += weights(graph, graph.stage(r.stage));
    }
    for (Stage s : graph.stages()) if (s.local() && !measured[s.id()]) stages[s.id()] = seconds / bytes * weights(graph, s);
    return new ColdRounds(call, stages);
  }

  private static void open(OperatorGraph graph, Stage stage, StageTime time, KernelTimer timer, BufferPool pool, List<Runner> runners) {
    List<Rows> outputs = new ArrayList<>();
    for (int t : stage.outputs()) {
      Tensor tensor = graph.tensor(t);
      if (tensor.type() == null || tensor.dynamic()) return;
      int rows = Math.max(1, tensor.rows() / 4);
      int from = (tensor.rows() - rows) / 2;
      outputs.add(new Rows(t, new RowSpan(from, from + rows)));
    }
    Band band = Band.of(graph, List.of(stage.id()), outputs);
    for (Rows in : band.inputs()) if (graph.tensor(in.tensor()).type() == null || graph.tensor(in.tensor()).dynamic()) return;
    List<TensorSlice> inputs = new ArrayList<>();
    try {
      for (Rows in : band.inputs()) inputs.add(filled(graph.tensor(in.tensor()), in.span(), pool));
      Kernel kernel = timer.create(band);
      runners.add(new Runner(stage.id(), time.at(StageShare.of(stage, band)), kernel, inputs, new double[ROUNDS]));
    } catch (RuntimeException e) {
      inputs.forEach(TensorSlice::release);
      throw e;
    }
  }

  private static TensorSlice filled(Tensor tensor, RowSpan rows, BufferPool pool) {
    TensorSlice slice = TensorSlice.allocate(pool, tensor.id(), tensor.type(), tensor.shape(), tensor.axis(), rows);
    ByteBuffer bytes = slice.buffer().bytes().order(ByteOrder.LITTLE_ENDIAN);
    while (tensor.type() == DataType.FLOAT32 && bytes.remaining() >= 4) bytes.putFloat(0.5f);
    while (bytes.hasRemaining()) bytes.put((byte) 0);
    return slice;
  }

  private static long weights(OperatorGraph graph, Stage stage) {
    long bytes = 0;
    for (int o : stage.operators())
      for (int t : graph.operator(o).inputs())
        if (t >= 0 && graph.tensor(t).constant() && graph.tensor(t).type() != null && !graph.tensor(t).dynamic())
          bytes += graph.tensor(t).bytes(graph.tensor(t).rows());
    return bytes;
  }
}
