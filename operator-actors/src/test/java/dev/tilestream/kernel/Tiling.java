package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.kernel.TestModels.Value;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Runs a graph in pieces, as tiles on several machines would: a chain of stage runs, each cut into bands of random rows, each band by a
 * kernel of its own that gets exactly the rows it needs.
 */
final class Tiling {
  private final OperatorGraph graph;
  private final Kernels kernels;
  private final BufferPool pool;
  private final Map<Integer, TensorSlice> whole = new HashMap<>();
  private int bands;

  Tiling(OperatorGraph graph, Kernels kernels, BufferPool pool) {
    this.graph = graph;
    this.kernels = kernels;
    this.pool = pool;
  }

  /** How many bands were computed. */
  int bands() {
    return bands;
  }

  /** Outputs of the graph computed in one band. */
  List<Value> whole(List<Value> inputs) {
    return run(inputs, List.of(graph.stages().size()), null);
  }

  /** Outputs of the graph, its stages grouped at random into runs and every run cut at random into bands. */
  List<Value> tiled(List<Value> inputs, Random random) {
    TreeSet<Integer> ends = new TreeSet<>(List.of(graph.stages().size()));
    int cuts = random.nextInt(4);
    for (int i = 0; i < cuts; i++) ends.add(1 + random.nextInt(graph.stages().size()));
    return run(inputs, List.copyOf(ends), random);
  }

  private List<Value> run(List<Value> inputs, List<Integer> ends, Random random) {
    try {
      for (int i = 0; i < inputs.size(); i++) whole.put(graph.inputs().get(i), slice(graph.tensor(graph.inputs().get(i)), inputs.get(i)));
      int from = 0;
      for (int end : ends) {
        run(IntStream.range(from, end).boxed().toList(), random);
        from = end;
      }
      return graph.outputs().stream().map(this::value).toList();
    } finally {
      whole.values().forEach(TensorSlice::release);
      whole.clear();
    }
  }

  /** Computes all that is needed later of what {@code stages} make. */
  private void run(List<Integer> stages, Random random) {
    List<Integer> asked = new ArrayList<>();
    for (int s : stages)
      for (int t : graph.stage(s).outputs())
        if (graph.outputs().contains(t) || readBehind(stages.get(stages.size() - 1), t)) asked.add(t);
    if (asked.isEmpty()) return;
    for (int t : asked) if (!graph.tensor(t).dynamic()) whole.put(t, empty(graph.tensor(t)));
    for (List<Rows> outputs : split(asked, stages, random)) compute(stages, outputs);
  }

  private boolean readBehind(int stage, int tensor) {
    return graph.stages().stream().skip(stage + 1).anyMatch(later -> later.inputs().contains(tensor));
  }

  /** One list of rows a band; every row of every tensor asked for is in exactly one of them. */
  private List<List<Rows>> split(List<Integer> asked, List<Integer> stages, Random random) {
    boolean local = stages.stream().map(graph::stage).allMatch(Stage::local);
    int pieces = random == null || !local ? 1 : 1 + random.nextInt(4);
    List<List<Rows>> bands = new ArrayList<>();
    for (int p = 0; p < pieces; p++) bands.add(new ArrayList<>());
    for (int t : asked) {
      int rows = graph.tensor(t).rows();
      int[] cuts = new int[pieces + 1];
      for (int p = 1; p < pieces; p++) cuts[p] = random.nextInt(rows + 1);
      cuts[pieces] = rows;
      java.util.Arrays.sort(cuts);
      for (int p = 0; p < pieces; p++) if (cuts[p] < cuts[p + 1]) bands.get(p).add(new Rows(t, new RowSpan(cuts[p], cuts[p + 1])));
    }
    bands.removeIf(List::isEmpty);
    return bands;
  }

  private void compute(List<Integer> stages, List<Rows> outputs) {
    Band band = Band.of(graph, stages, outputs);
    List<TensorSlice> given = new ArrayList<>();
    try (Kernel kernel = kernels.create(band)) {
      bands++;
      for (Rows need : band.inputs()) given.add(exactly(need));
      List<TensorSlice> made = kernel.run(given, pool);
      for (int i = 0; i < made.size(); i++) join(made.get(i), outputs.get(i));
    } finally {
      given.forEach(TensorSlice::release);
    }
  }

  private void join(TensorSlice part, Rows asked) {
    if (graph.tensor(asked.tensor()).dynamic()) {
      whole.put(asked.tensor(), part);
      return;
    }
    if (!part.span().equals(asked.span())) throw new AssertionError("asked for " + asked + ", got " + part);
    part.copyTo(whole.get(asked.tensor()));
    part.release();
  }

  /** A copy of these rows alone: a kernel that read beyond them would read nothing that is right. */
  private TensorSlice exactly(Rows need) {
    Tensor t = graph.tensor(need.tensor());
    TensorSlice copy = TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), need.span());
    whole.get(need.tensor()).copyTo(copy);
    return copy;
  }

  private TensorSlice empty(Tensor t) {
    return TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), t.all());
  }

  private TensorSlice slice(Tensor t, Value value) {
    NativeBuffer buffer = pool.acquire(value.bytes().remaining());
    buffer.bytes().put(0, value.bytes(), 0, value.bytes().remaining());
    return TensorSlice.of(t.id(), t.type(), t.shape(), t.axis(), t.all(), buffer);
  }

  private Value value(int tensor) {
    Tensor t = graph.tensor(tensor);
    ByteBuffer bytes = t.constant() ? graph.weights().bytes(tensor) : whole.get(tensor).data();
    ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN).put(bytes.duplicate()).flip();
    return new Value(t.type(), t.constant() ? t.shape() : whole.get(tensor).shape(), copy);
  }
}
