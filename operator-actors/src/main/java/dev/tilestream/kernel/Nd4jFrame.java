package dev.tilestream.kernel;

import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Tensors of one run of an {@link Nd4jProgram}: each on the rows that the band holds, dense, in memory of the pool until its last use. */
final class Nd4jFrame implements AutoCloseable {
  private final Nd4jProgram program;
  private final Nd4jArrays arrays;
  private final BufferPool pool;
  private final NativeBuffer[] buffers;
  private final List<NativeBuffer> scratch = new ArrayList<>();
  private int at;

  Nd4jFrame(Nd4jProgram program, Nd4jArrays arrays, BufferPool pool) {
    this.program = program;
    this.arrays = arrays;
    this.pool = pool;
    this.buffers = new NativeBuffer[program.graph().tensors().size()];
    arrays.enter();
  }

  /** Shares the caller's memory until the frame is closed. */
  void give(TensorSlice input) {
    buffers[input.tensor()] = input.retain().buffer();
  }

  void run(int position, Nd4jProgram.Step step) {
    at = position;
    step.run(this);
    scratch.forEach(NativeBuffer::release);
    scratch.clear();
    for (int t : program.lastUsed(position)) free(t);
  }

  private void free(int tensor) {
    if (buffers[tensor] != null) buffers[tensor].release();
    buffers[tensor] = null;
  }

  /** All that is held of a tensor. */
  INDArray read(int tensor) {
    return arrays.over(memory(tensor), program.shape(tensor));
  }

  /** An array over memory that outlives the kernel's program. */
  INDArray over(ByteBuffer memory, Shape shape) {
    return arrays.over(memory, shape);
  }

  boolean mayOverwrite(int input, int output) {
    return program.mayOverwrite(input, at) && program.shape(input).equals(program.shape(output));
  }

  private ByteBuffer memory(int tensor) {
    return program.graph().tensor(tensor).constant() ? program.graph().weights().bytes(tensor) : buffers[tensor].bytes();
  }

  /** Rows {@code rows} of a tensor: itself when it holds no others, else a copy. */
  INDArray read(int tensor, RowSpan rows) {
    if (program.held(tensor).equals(rows)) return read(tensor);
    TensorSlice held = slice(tensor);
    Shape shape = program.graph().tensor(tensor).shape().with(held.axis(), rows.rows());
    NativeBuffer copy = scratch(shape);
    held.copyTo(TensorSlice.of(tensor, held.type(), held.shape(), held.axis(), rows, copy));
    return arrays.over(copy.bytes(), shape);
  }

  /** Rows {@code rows} of an image batch in a border of {@code fill}: top, left, bottom, right. */
  INDArray padded(int tensor, RowSpan rows, int[] border, float fill) {
    Shape whole = program.graph().tensor(tensor).shape();
    int width = whole.dim(3);
    int planes = whole.dim(0) * whole.dim(1);
    int paddedRows = rows.rows() + border[0] + border[2];
    int paddedWidth = width + border[1] + border[3];
    Shape shape = Shape.of(whole.dim(0), whole.dim(1), paddedRows, paddedWidth);
    NativeBuffer copy = scratch(shape);
    INDArray array = arrays.over(copy.bytes(), shape);
    array.assign(fill);
    ByteBuffer source = memory(tensor);
    ByteBuffer sink = copy.bytes();
    RowSpan held = program.held(tensor);
    boolean straight = paddedWidth == width;
    int runs = straight ? 1 : rows.rows();
    int bytes = Float.BYTES * width * (straight ? rows.rows() : 1);
    for (int p = 0; p < planes; p++)
      for (int r = 0; r < runs; r++) {
        int from = (p * held.rows() + rows.from() - held.from() + r) * width;
        int to = (p * paddedRows + border[0] + r) * paddedWidth + border[1];
        sink.put(to * Float.BYTES, source, from * Float.BYTES, bytes);
      }
    return array;
  }

  private NativeBuffer scratch(Shape shape) {
    NativeBuffer buffer = pool.acquire(shape.bytes(DataType.FLOAT32));
    scratch.add(buffer);
    return buffer;
  }

  /** Fresh memory for what an operator makes. */
  INDArray write(int tensor) {
    buffers[tensor] = pool.acquire(program.shape(tensor).bytes(DataType.FLOAT32));
    return read(tensor);
  }

  /** The memory of {@code input} for {@code output}, when nobody needs the input afterwards; else fresh memory. */
  INDArray writeOver(int input, int output) {
    if (!mayOverwrite(input, output)) return write(output);
    buffers[output] = buffers[input];
    buffers[input] = null;
    return read(output);
  }

  /** The same elements in the same memory under another tensor. */
  void share(int input, int output) {
    buffers[output] = buffers[input].retain();
  }

  /** Runs one of ND4J's operations; {@code integers} are its own. */
  static void execute(String name, INDArray[] from, INDArray to, int... integers) {
    Nd4j.exec(DynamicCustomOp.builder(name).addInputs(from).addOutputs(to).addIntegerArguments(integers).build());
  }

  /** Runs one of ND4J's operations; {@code numbers} are its own. */
  static void transform(String name, INDArray from, INDArray to, double... numbers) {
    Double[] arguments = Arrays.stream(numbers).boxed().toArray(Double[]::new);
    Nd4j.exec(DynamicCustomOp.builder(name).addInputs(from).addOutputs(to).addFloatingPointArguments(arguments).build());
  }

  static INDArray[] all(INDArray... arrays) {
    return arrays;
  }

  private TensorSlice slice(int tensor) {
    Tensor t = program.graph().tensor(tensor);
    NativeBuffer buffer = t.constant() ? NativeBuffer.wrap(program.graph().weights().bytes(tensor), () -> {}) : buffers[tensor];
    return TensorSlice.of(tensor, t.type(), t.shape(), t.axis(), program.held(tensor), buffer);
  }

  /** Rows of a tensor for the caller, who owns them: the memory itself when it holds no other rows, else a copy. */
  TensorSlice handOut(int tensor, RowSpan rows) {
    TensorSlice held = slice(tensor);
    if (held.span().equals(rows)) return held.retain();
    TensorSlice copy = TensorSlice.allocate(pool, tensor, held.type(), held.shape(), held.axis(), rows);
    held.copyTo(copy);
    return copy;
  }

  @Override
  public void close() {
    scratch.forEach(NativeBuffer::release);
    for (int t = 0; t < buffers.length; t++) free(t);
    arrays.leave();
  }
}
