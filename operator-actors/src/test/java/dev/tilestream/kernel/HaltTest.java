package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaltTest {
  @TempDir private Path cache;

  @Test
  void whatEndsTheWorkRunsOnceAndNotAfterIt() {
    AtomicInteger ended = new AtomicInteger();
    Halt halt = new Halt();
    halt.by(ended::incrementAndGet);
    halt.over();
    halt.halt();
    halt.halt();
    assertThat(ended).hasValue(0);
    assertThat(halt.halted()).isTrue();
    halt.by(ended::incrementAndGet);
    assertThat(ended).as("halted before it began").hasValue(1);
    assertThatThrownBy(halt::check).isInstanceOf(CancellationException.class);
  }

  @Test
  void aRunOfOnnxRuntimeThatNobodyWantsEndsGivesItsMemoryBackAndLeavesTheKernelUsable() {
    OperatorGraph graph = OnnxImporter.load(TestModels.root().resolve("onnx-architectures/light_resnet50.onnx"), Map.of(), cache);
    List<Rows> outputs = graph.outputs().stream().map(o -> new Rows(o, graph.tensor(o).all())).toList();
    Band whole = Band.of(graph, IntStream.range(0, graph.stages().size()).boxed().toList(), outputs);
    try (BufferPool pool = BufferPool.bounded(1L << 30, 0);
        OnnxRuntimeKernels kernels = new OnnxRuntimeKernels(1);
        Kernel kernel = kernels.create(whole)) {
      List<TensorSlice> inputs = new ArrayList<>();
      for (Rows need : whole.inputs()) {
        Tensor t = graph.tensor(need.tensor());
        inputs.add(TensorSlice.allocate(pool, t.id(), t.type(), t.shape(), t.axis(), need.span()));
      }
      long before = pool.inUse();
      Halt halt = new Halt();
      halt.halt();
      assertThatThrownBy(() -> kernel.run(inputs, pool, halt)).isInstanceOf(CancellationException.class);
      assertThat(pool.inUse()).isEqualTo(before);
      kernel.run(inputs, pool, new Halt()).forEach(TensorSlice::release);
      inputs.forEach(TensorSlice::release);
    } finally {
      graph.weights().close();
    }
  }
}
