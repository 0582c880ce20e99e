package dev.tilestream.kernel;

import dev.tilestream.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Float arrays over native memory that somebody else owns: no copy, and nothing is freed with them but themselves. Making one costs as
 * much as a small kernel, and a pool hands out the same memory again and again, so they are kept by address and shape. Whether the
 * memory is still its user's at a later run is that run's business.
 */
final class Nd4jArrays implements AutoCloseable {
  private static final int KEPT = 256;

  private final Map<Key, INDArray> kept = new HashMap<>();
  private int users;

  private record Key(long address, Shape shape) {}

  /** A run begins: arrays given out from here on stay open until it ends. */
  synchronized void enter() {
    users++;
  }

  /** A run ends; with none under way and too many arrays kept, all are closed. */
  synchronized void leave() {
    users--;
    if (users == 0 && kept.size() > KEPT) close();
  }

  /** An array of {@code shape} over the first bytes of {@code memory}. */
  synchronized INDArray over(ByteBuffer memory, Shape shape) {
    FloatPointer pointer = new FloatPointer(memory.asFloatBuffer());
    return kept.computeIfAbsent(new Key(pointer.address(), shape), key -> wrap(pointer, shape));
  }

  private static INDArray wrap(FloatPointer pointer, Shape shape) {
    long[] dims = shape.toLongs();
    return Nd4j.create(Nd4j.createBuffer(pointer, shape.elements(), DataType.FLOAT), dims);
  }

  @Override
  public synchronized void close() {
    kept.values().forEach(INDArray::close);
    kept.clear();
  }
}
