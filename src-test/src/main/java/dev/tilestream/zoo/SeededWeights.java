package dev.tilestream.zoo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.protobuf.CodedOutputStream;

/**
 * A float32 initializer with values uniform in [low, high), made while it is written: half a gigabyte of weights needs no heap.
 */
record SeededWeights(String name, int[] dims, long seed, float low, float high) {
  private static final int CHUNK_ELEMENTS = 16 * 1024;

  SeededWeights {
    dims = dims.clone();
  }

  long elements() {
    return Arrays.stream(dims).asLongStream().reduce(1, Math::multiplyExact);
  }

  /** Size of the serialized TensorProto, without the tag and length in front of it. */
  long size() {
    long raw = elements() * Float.BYTES;
    return header().getSerializedSize() + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
        + CodedOutputStream.computeUInt64SizeNoTag(raw) + raw;
  }

  void writeTo(CodedOutputStream out) throws IOException {
    header().writeTo(out);
    out.writeTag(TensorProto.RAW_DATA_FIELD_NUMBER, 2);
    out.writeUInt64NoTag(elements() * Float.BYTES);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] chunk = new byte[CHUNK_ELEMENTS * Float.BYTES];
    ByteBuffer view = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    float scale = (high - low) / (1 << 24);
    for (long left = elements(); left > 0; ) {
      int n = (int) Math.min(left, CHUNK_ELEMENTS);
      for (int i = 0; i < n; i++) view.putFloat(i * Float.BYTES, low + scale * (random.nextInt() >>> 8));
      out.writeRawBytes(chunk, 0, n * Float.BYTES);
      left -= n;
    }
  }

  private TensorProto header() {
    TensorProto.Builder b = TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
    for (int d : dims) b.addDims(d);
    return b.build();
  }
}
