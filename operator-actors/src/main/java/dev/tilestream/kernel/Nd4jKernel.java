package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.ArrayList;
import java.util.List;

/** A band in ND4J, operator by operator, on memory of the pool: element-wise operators work in place while their rows are in cache. */
final class Nd4jKernel implements Kernel {
  private final Band band;
  private final Nd4jProgram program;
  private final Nd4jArrays arrays = new Nd4jArrays();

  Nd4jKernel(Band band, Nd4jProgram program) {
    this.band = band;
    this.program = program;
  }

  @Override
  public String backend() {
    return "nd4j";
  }

  @Override
  public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool) {
    return run(inputs, pool, new Halt());
  }

  @Override
  public List<TensorSlice> run(List<TensorSlice> inputs, BufferPool pool, Halt halt) {
    Kernel.check(band, inputs);
    List<TensorSlice> outputs = new ArrayList<>();
    boolean done = false;
    try (Nd4jFrame frame = new Nd4jFrame(program, arrays, pool)) {
      inputs.forEach(frame::give);
      for (int i = 0; i < program.steps().size(); i++) {
        halt.check();
        frame.run(i, program.steps().get(i));
      }
      for (Rows asked : band.outputs()) outputs.add(frame.handOut(asked.tensor(), asked.span()));
      done = true;
      return outputs;
    } finally {
      if (!done) outputs.forEach(TensorSlice::release);
    }
  }

  @Override
  public void close() {
    arrays.close();
  }
}
