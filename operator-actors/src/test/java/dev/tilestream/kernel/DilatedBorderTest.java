package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.onnx.ModelSketch;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows with gaps step over rows at the border, which are then not sent. */
class DilatedBorderTest {
  private static final Map<String, Object> GAPS =
      Map.of("dilations", new long[] {3, 1}, "pads", new long[] {2, 0, 2, 0}, "strides", new long[] {2, 1});

  @TempDir Path directory;

  @Test
  void singleRowsOfADilatedConvolutionEqualTheWhole() {
    assertRowsEqualTheWhole(new ModelSketch(11, 5).input("x", 1, 2, 9, 3).weights("w", 2, 2, 3, 1)
        .node("Conv", List.of("x", "w"), List.of("y"), GAPS).output("y"));
  }

  @Test
  void singleRowsOfADilatedPoolEqualTheWhole() {
    Map<String, Object> pool = new java.util.HashMap<>(GAPS);
    pool.put("kernel_shape", new long[] {3, 1});
    assertRowsEqualTheWhole(new ModelSketch(11, 5).input("x", 1, 2, 9, 3).node("MaxPool", "x", "y", pool).output("y"));
  }

  private void assertRowsEqualTheWhole(ModelSketch sketch) {
    OperatorGraph graph = OnnxImporter.load(sketch.write(directory), Map.of(), directory.resolve("cache"));
    int output = graph.outputs().get(0);
    BufferPool pool = BufferPool.bounded(1 << 20, 0);
    float[] whole = run(graph, pool, graph.tensor(output).all());
    int width = 3;
    int rows = graph.tensor(output).rows();
    for (int r = 0; r < rows; r++) {
      float[] row = run(graph, pool, RowSpan.of(r, r + 1));
      for (int c = 0; c < 2; c++)
        for (int x = 0; x < width; x++)
          assertThat(row[c * width + x]).as("row %d", r).isEqualTo(whole[(c * rows + r) * width + x],
              org.assertj.core.data.Offset.offset(1e-5f));
    }
    assertThat(pool.inUse()).isZero();
    graph.weights().close();
  }

  private static float[] run(OperatorGraph graph, BufferPool pool, RowSpan span) {
    Band band = Band.of(graph, List.of(0), List.of(new Rows(graph.outputs().get(0), span)));
    try (OnnxRuntimeKernels kernels = new OnnxRuntimeKernels(1); Kernel kernel = kernels.create(band)) {
      List<TensorSlice> inputs = band.inputs().stream().map(need -> input(graph, need, pool)).toList();
      TensorSlice out = kernel.run(inputs, pool).get(0);
      FloatBuffer values = out.data().asFloatBuffer();
      float[] copy = new float[values.remaining()];
      values.get(copy);
      out.release();
      inputs.forEach(TensorSlice::release);
      return copy;
    }
  }

  /** Values that tell the element's place in the whole tensor. */
  private static TensorSlice input(OperatorGraph graph, Rows need, BufferPool pool) {
    dev.tilestream.graph.Tensor t = graph.tensor(need.tensor());
    TensorSlice slice = TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), need.span());
    FloatBuffer values = slice.data().asFloatBuffer();
    int inner = (int) t.shape().inner(t.axis());
    for (int i = 0; values.hasRemaining(); i++) {
      int outer = i / (inner * need.span().rows());
      int row = i / inner % need.span().rows() + need.span().from();
      values.put((float) Math.sin(outer * 31 + row * 7 + i % inner));
    }
    return slice;
  }
}
