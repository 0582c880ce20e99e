package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of one inference that later stages still read. Owns them: each is released after its last reader, all when closed. */
final class LiveTensors implements AutoCloseable {
  private static final Set<DataType> NOISE = EnumSet.of(DataType.FLOAT32, DataType.FLOAT64, DataType.UINT8, DataType.INT8);

  private final OperatorGraph graph;
  private final BufferPool pool;
  private final Map<Integer, TensorSlice> live = new HashMap<>();
  private final int[] lastReader;

  private LiveTensors(OperatorGraph graph, BufferPool pool) {
    this.graph = graph;
    this.pool = pool;
    lastReader = new int[graph.tensors().size()];
    Arrays.fill(lastReader, -1);
    for (Stage s : graph.stages()) for (int t : s.inputs()) lastReader[t] = s.id();
  }

  /** Whether {@link #filled} has noise for all of the graph's inputs, so that what is made of them is no picture of nothing. */
  static boolean fillsWithNoise(OperatorGraph graph) {
    return graph.inputs().stream().allMatch(t -> NOISE.contains(graph.tensor(t).type()));
  }

  /** The graph's inputs: normally distributed numbers, any bytes where elements are bytes, zeros of every other type: they may be indices. */
  static LiveTensors filled(OperatorGraph graph, BufferPool pool, long seed) {
    LiveTensors live = new LiveTensors(graph, pool);
    try {
      Random random = new Random(seed);
      for (int t : graph.inputs()) {
        Tensor tensor = graph.tensor(t);
        TensorSlice slice = TensorSlice.allocate(pool, t, tensor.type(), tensor.shape(), tensor.axis(), tensor.all());
        live.live.put(t, slice);
        fill(slice, random);
      }
      return live;
    } catch (RuntimeException e) {
      live.close();
      throw e;
    }
  }

  private static void fill(TensorSlice slice, Random random) {
    ByteBuffer data = slice.data();
    switch (slice.type()) {
      case FLOAT32 -> { while (data.hasRemaining()) data.putFloat((float) random.nextGaussian()); }
      case FLOAT64 -> { while (data.hasRemaining()) data.putDouble(random.nextGaussian()); }
      case UINT8, INT8 -> { while (data.hasRemaining()) data.put((byte) random.nextInt()); }
      default -> { while (data.hasRemaining()) data.put((byte) 0); }
    }
  }

  /** Tensors that {@code stages} make and anybody else reads, the caller included. */
  List<Integer> wanted(List<Integer> stages) {
    TreeSet<Integer> wanted = new TreeSet<>();
    int last = stages.get(stages.size() - 1);
    for (int s : stages)
      for (int t : graph.stage(s).outputs()) {
        boolean read = lastReader[t] > last || graph.outputs().contains(t);
        if (read && graph.tensor(t).type() != null) wanted.add(t);
      }
    return new ArrayList<>(wanted);
  }

  /** All rows of a tensor that is live; stays this object's. */
  Optional<TensorSlice> find(int tensor) {
    return Optional.ofNullable(live.get(tensor));
  }

  /** False when a stage before could not make them. */
  boolean hasInputs(Band band) {
    return band.inputs().stream().allMatch(r -> live.containsKey(r.tensor()));
  }

  /** Dense slices of what the band reads, owned by the caller: views where all rows are read, else copies. */
  List<TensorSlice> inputs(Band band) {
    List<TensorSlice> inputs = new ArrayList<>();
    try {
      for (Rows r : band.inputs()) inputs.add(input(r));
      return inputs;
    } catch (RuntimeException e) {
      inputs.forEach(TensorSlice::release);
      throw e;
    }
  }

  private TensorSlice input(Rows rows) {
    TensorSlice whole = live.get(rows.tensor());
    if (whole == null)
      throw new IllegalStateException("profile: %s is read but was not made".formatted(graph.tensor(rows.tensor()).name()));
    if (whole.span().equals(rows.span())) return whole.retain();
    TensorSlice some = TensorSlice.allocate(pool, rows.tensor(), whole.type(), whole.shape(), whole.axis(), rows.span());
    whole.copyTo(some);
    return some;
  }

  /** Takes over whole tensors that a kernel made. */
  void put(List<TensorSlice> made) {
    for (TensorSlice s : made) {
      TensorSlice before = live.put(s.tensor(), s);
      if (before != null) before.release();
    }
  }

  /** Lets go of what nobody reads behind {@code stages}. */
  void done(List<Integer> stages) {
    int last = stages.get(stages.size() - 1);
    live.entrySet().removeIf(e -> {
      boolean over = lastReader[e.getKey()] <= last;
      if (over) e.getValue().release();
      return over;
    });
  }

  @Override
  public void close() {
    live.values().forEach(TensorSlice::release);
    live.clear();
  }
}
