package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the list of stages may be cut, and what crosses there. Cut k lies before stage k. Tensors without fixed-size elements cannot
 * travel, so no cut may part their maker from a reader.
 */
final class Cuts {
  private final OperatorGraph graph;
  private final int[] maker;
  private final int[][] readers;
  private final int[] lastReader;
  private final boolean[] allowed;
  private final long[] crossingBytes;

  Cuts(OperatorGraph graph, Fleet fleet) {
    this.graph = graph;
    int n = graph.stages().size();
    int tensors = graph.tensors().size();
    maker = new int[tensors];
    lastReader = new int[tensors];
    Arrays.fill(maker, -1);
    Arrays.fill(lastReader, -1);
    for (Stage s : graph.stages()) {
      for (int t : s.outputs()) maker[t] = s.id();
      for (int t : s.inputs()) lastReader[t] = Math.max(lastReader[t], s.id());
    }
    readers = readers(graph);
    for (int t : graph.outputs()) lastReader[t] = n;
    allowed = new boolean[n + 1];
    crossingBytes = new long[n + 1];
    Arrays.fill(allowed, true);
    for (int t = 0; t < tensors; t++) {
      Tensor tensor = graph.tensor(t);
      if (tensor.constant()) continue;
      for (int k = Math.max(0, maker[t] + 1); k <= Math.min(n - 1, lastReader[t]); k++) {
        if (tensor.type() == null) allowed[k] = false;
        crossingBytes[k] += Workload.airBytes(tensor, fleet);
      }
    }
    allowed[0] = true;
  }

  private static int[][] readers(OperatorGraph graph) {
    int[][] readers = new int[graph.tensors().size()][0];
    for (Stage s : graph.stages())
      for (int t : s.inputs()) {
        readers[t] = Arrays.copyOf(readers[t], readers[t].length + 1);
        readers[t][readers[t].length - 1] = s.id();
      }
    return readers;
  }

  int stages() {
    return allowed.length - 1;
  }

  boolean allowed(int cut) {
    return allowed[cut];
  }

  /** The stage that makes {@code tensor}; -1 for inputs of the model and constants. */
  int maker(int tensor) {
    return maker[tensor];
  }

  /** Stages that read {@code tensor}, ascending. */
  int[] readers(int tensor) {
    return readers[tensor];
  }

  /** The last stage that reads {@code tensor}; as many as there are stages when it is an answer, -1 when nothing reads it. */
  int lastReader(int tensor) {
    return lastReader[tensor];
  }

  /** Whether the caller wants {@code tensor}. */
  boolean answer(int tensor) {
    return lastReader[tensor] == stages();
  }

  /** Bytes of everything made before the cut and read behind it, the model's inputs included. */
  long crossingBytes(int cut) {
    return crossingBytes[cut];
  }

  /** Cuts strictly between {@code from} and {@code to}, ascending. */
  List<Integer> between(int from, int to) {
    List<Integer> cuts = new ArrayList<>();
    for (int k = from + 1; k < to; k++) if (allowed[k]) cuts.add(k);
    return cuts;
  }

  /** The allowed cut in {@code [low, high]} nearest to {@code wanted}; {@code low} when there is none. */
  int nearest(int wanted, int low, int high) {
    for (int away = 0; away <= high - low; away++) {
      if (wanted - away >= low && wanted - away <= high && allowed[wanted - away]) return wanted - away;
      if (wanted + away <= high && wanted + away >= low && allowed[wanted + away]) return wanted + away;
    }
    return low;
  }

  /** Tensors that stages {@code [from, to)} make and later stages or the caller read. */
  List<Integer> exports(int from, int to) {
    List<Integer> exports = new ArrayList<>();
    for (int s = from; s < to; s++) for (int t : graph.stage(s).outputs()) if (lastReader[t] >= to) exports.add(t);
    return exports;
  }

  /** Whether each device of {@code devices} can have a row of everything the stage hands on. */
  boolean divisible(int stage, int devices) {
    if (!graph.stage(stage).local()) return false;
    List<Integer> exports = exports(stage, stage + 1);
    return !exports.isEmpty() && exports.stream().allMatch(t -> graph.tensor(t).rows() >= devices);
  }
}
