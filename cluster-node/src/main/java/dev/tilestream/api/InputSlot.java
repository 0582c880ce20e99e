package dev.tilestream.api;

import akka.util.ByteString;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** One input of a request while it arrives: what was announced, checked against the model, and the memory it goes to. */
final class InputSlot {
  /** Bytes of the length in front of an element of BYTES. */
  static final int LENGTH = 4;

  private final String name;
  private final TensorSlice tensor;
  private final ByteBuffer free;
  private final boolean file;

  private InputSlot(String name, TensorSlice tensor, boolean file) {
    this.name = name;
    this.tensor = tensor;
    this.file = file;
    free = tensor.data();
  }

  /** Takes memory. The caller has checked the sizes and owns the slot: {@link #release} or {@link #tensor}. */
  static InputSlot allocate(BufferPool pool, String name, DataType type, Shape shape) {
    return new InputSlot(name, TensorSlice.allocate(pool, 0, type, shape, -1, TensorSlice.all(shape, -1)), false);
  }

  /** Likewise, for a picture file behind its length, as the protocol has elements of BYTES: so many bytes in all. */
  static InputSlot file(BufferPool pool, String name, int bytes) {
    Shape shape = Shape.of(bytes);
    return new InputSlot(name, TensorSlice.allocate(pool, 0, DataType.UINT8, shape, -1, TensorSlice.all(shape, -1)), true);
  }

  /** Whether the input is still to be made of what came. */
  boolean isFile() {
    return file;
  }

  /** The file that came, copied. @throws ApiError when its length is not what was said */
  ByteString fileContent() {
    ByteBuffer bytes = tensor.data().order(ByteOrder.LITTLE_ENDIAN);
    long length = bytes.getInt() & 0xffff_ffffL;
    if (length != bytes.remaining())
      throw ApiError.badRequest("input \"%s\": an element of %d bytes in %d (expected: the file behind its length)", name, length, bytes.remaining());
    return ByteString.fromByteBuffer(bytes);
  }

  /** @throws ApiError when that is not what the model takes */
  static DataType checkType(Port port, String datatype) {
    if (port.type() == null)
      throw ApiError.of(501, "input \"%s\": the model takes no plain tensor here, which is not supported", port.name());
    for (DataType type : port.types()) if (type.protocolName().equals(datatype)) return type;
    throw ApiError.badRequest("input \"%s\": datatype %s (expected: %s)", port.name(), datatype, port.datatypes());
  }

  /** @throws ApiError when the model does not take that shape, or no memory could hold it */
  static Shape checkShape(Port port, DataType type, List<Long> dims) {
    boolean fits = dims.size() == port.shape().size();
    for (int i = 0; fits && i < dims.size(); i++) {
      long expected = port.shape().get(i);
      fits = dims.get(i) >= 0 && (expected < 0 || expected == dims.get(i));
    }
    if (!fits) throw ApiError.badRequest("input \"%s\": shape %s (expected: %s)", port.name(), dims, expected(port));
    try {
      Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      if (shape.bytes(type) <= Integer.MAX_VALUE) return shape;
    } catch (ArithmeticException tooLarge) {
      // Same answer as below: the number of bytes only tells more when it can be told.
    }
    throw ApiError.badRequest("input \"%s\": shape %s of %s (expected: less than 2 GiB)", port.name(), dims, type.protocolName());
  }

  private static String expected(Port port) {
    String dims = port.shape().toString();
    return port.shape().contains(-1L) ? dims + ", -1 for any" : dims;
  }

  String name() {
    return name;
  }

  TensorSlice tensor() {
    return tensor;
  }

  /** The part of the memory that nothing has come for yet. */
  ByteBuffer free() {
    return free;
  }

  void release() {
    tensor.release();
  }
}
