package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.RowSpan;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Which rows really depend on which, by trying: one input row is changed at a time, ONNX Runtime runs the whole model, and the output
 * rows that differ are noted. Compared with what {@link Band} says of the same graph.
 */
final class Perturbation {
  private final OperatorGraph graph;
  private final Path model;
  private final Random random;

  Perturbation(OperatorGraph graph, Path model, long seed) {
    this.graph = graph;
    this.model = model;
    this.random = new Random(seed);
  }

  /** Every output row depends on no row outside its band's, and on the first and last of them. */
  void assertExactAndMinimal() {
    compare(true, 4);
  }

  /** Every output row depends on no row outside its band's. */
  void assertSufficient() {
    compare(false, 1);
  }

  private void compare(boolean minimal, int trials) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions(); OrtSession session = open(options)) {
      for (int input : graph.inputs()) {
        boolean[][][] changed = dependencies(session, input, trials);
        for (int o = 0; o < graph.outputs().size(); o++)
          compare(graph.tensor(input), graph.tensor(graph.outputs().get(o)), changed[o], minimal);
      }
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }

  private OrtSession open(OrtSession.SessionOptions options) throws OrtException {
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setIntraOpNumThreads(1);
    return OrtEnvironment.getEnvironment().createSession(model.toString(), options);
  }

  private void compare(Tensor input, Tensor output, boolean[][] changed, boolean minimal) {
    java.util.List<Integer> stages = java.util.stream.IntStream.range(0, graph.stages().size()).boxed().toList();
    for (int r = 0; r < output.rows(); r++) {
      Band band = Band.of(graph, stages, java.util.List.of(new Rows(output.id(), RowSpan.of(r, r + 1))));
      Optional<RowSpan> span = band.inputs().stream().filter(i -> i.tensor() == input.id()).map(Rows::span).findFirst();
      int first = -1;
      int last = -1;
      for (int i = 0; i < input.rows(); i++) {
        if (!changed[r][i]) continue;
        if (first < 0) first = i;
        last = i;
      }
      int from = first;
      int to = last;
      String what = "%s row %d on %s: ONNX Runtime %d to %d, band %s, of %s".formatted(
          output.name(), r, input.name(), first, last, span,
              graph.operators().stream().map(op -> op.type() + " " + op.locality()).toList());
      if (first >= 0) assertThat(span.filter(s -> s.contains(RowSpan.of(from, to + 1)))).as(what).isPresent();
      if (minimal) assertThat(span.map(RowSpan::from).orElse(-1)).as(what).isEqualTo(first);
      if (minimal) assertThat(span.map(s -> s.to() - 1).orElse(-1)).as(what).isEqualTo(last);
    }
  }

  /** By output, output row, row of {@code input}. */
  private boolean[][][] dependencies(OrtSession session, int input, int trials) throws OrtException {
    int outputs = graph.outputs().size();
    boolean[][][] changed = new boolean[outputs][][];
    for (int o = 0; o < outputs; o++) changed[o] = new boolean[graph.tensor(graph.outputs().get(o)).rows()][graph.tensor(input).rows()];
    for (int trial = 0; trial < trials; trial++) {
      Map<Integer, float[]> values = new HashMap<>();
      for (int i : graph.inputs()) values.put(i, randoms((int) graph.tensor(i).shape().elements(), 2));
      float[][] before = run(session, values);
      for (int row = 0; row < graph.tensor(input).rows(); row++) {
        Map<Integer, float[]> other = new HashMap<>(values);
        other.put(input, perturbed(values.get(input), graph.tensor(input), row));
        float[][] after = run(session, other);
        for (int o = 0; o < outputs; o++) note(graph.tensor(graph.outputs().get(o)), before[o], after[o], changed[o], row);
      }
    }
    return changed;
  }

  private float[] randoms(int n, float scale) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) out[i] = scale * (random.nextFloat() - 0.5f);
    return out;
  }

  private float[] perturbed(float[] values, Tensor tensor, int row) {
    float[] out = values.clone();
    int inner = tensor.axis() < 0 ? out.length : (int) tensor.shape().inner(tensor.axis());
    for (int i = 0; i < out.length; i++) if (i / inner % tensor.rows() == row) out[i] += 50 * (random.nextFloat() - 0.5f);
    return out;
  }

  private static void note(Tensor output, float[] before, float[] after, boolean[][] changed, int inputRow) {
    int inner = output.axis() < 0 ? before.length : (int) output.shape().inner(output.axis());
    for (int i = 0; i < before.length; i++)
      if (Float.compare(before[i], after[i]) != 0) changed[i / inner % output.rows()][inputRow] = true;
  }

  private float[][] run(OrtSession session, Map<Integer, float[]> values) throws OrtException {
    Map<String, OnnxTensor> feed = new HashMap<>();
    for (Map.Entry<Integer, float[]> e : values.entrySet()) {
      Tensor t = graph.tensor(e.getKey());
      feed.put(t.name(), OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(e.getValue()), t.shape().toLongs()));
    }
    try (OrtSession.Result result = session.run(feed)) {
      float[][] out = new float[graph.outputs().size()][];
      for (int o = 0; o < out.length; o++) {
        Tensor t = graph.tensor(graph.outputs().get(o));
        out[o] = floats((OnnxTensor) result.get(t.name()).orElseThrow(), t);
      }
      return out;
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private static float[] floats(OnnxTensor tensor, Tensor t) {
    float[] out = new float[(int) t.shape().elements()];
    java.nio.ByteBuffer bytes = tensor.getByteBuffer();
    for (int i = 0; i < out.length; i++)
      out[i] = t.type() == DataType.FLOAT32 ? bytes.getFloat() : t.type() == DataType.INT64 ? bytes.getLong() : bytes.get();
    return out;
  }
}
