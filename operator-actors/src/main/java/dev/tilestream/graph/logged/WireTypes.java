package dev.tilestream.graph.logged;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.List;

/** Element types, which logs do not name: those at the ends follow from the bytes that crossed the air. */
final class WireTypes {
  /** What the logged systems' messages carried besides elements: some hundred bytes, pickled. */
  private static final long MAX_HEADER = 4096;

  private WireTypes() {}

  /** @throws ProfileRefused when no element type gives so many bytes */
  static DataType atEnd(String where, long bytes, List<Shape> shapes) {
    long elements = shapes.stream().mapToLong(Shape::elements).sum();
    for (DataType type : new DataType[] {DataType.INT64, DataType.FLOAT32, DataType.FLOAT16, DataType.UINT8}) {
      long header = bytes - elements * type.bytes();
      if (header >= 0 && header <= MAX_HEADER) return type;
    }
    throw new ProfileRefused("%s: %,d bytes for %,d elements (expected: 1, 2, 4 or 8 bytes each and a header of at most %,d)"
        .formatted(where, bytes, elements, MAX_HEADER));
  }

  /** Inside of the model. */
  static DataType inside(LoggedOperator o, int output) {
    return switch (o.op()) {
      case "gt", "eq", "any" -> DataType.BOOL;
      case "argmax", "nms" -> DataType.INT64;
      case "max" -> output == 0 ? DataType.FLOAT32 : DataType.INT64;
      default -> DataType.FLOAT32;
    };
  }
}
