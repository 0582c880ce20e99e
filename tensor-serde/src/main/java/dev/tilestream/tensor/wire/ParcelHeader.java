package dev.tilestream.tensor.wire;

import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;

/**
 * Everything of a parcel but its payload, checked. Layout: see {@link ParcelCodec}. Buffers are little endian; reading does not move
 * them, writing does.
 *
 * @param length bytes of the header itself
 * @param rowBytes of the rows as they are
 * @param payload bytes behind it: as many, or fewer where they are packed
 */
record ParcelHeader(
    int length, DeploymentId deployment, InferenceId inference, int tile, int urgency,
    int tensor, DataType type, Shape shape, int axis, RowSpan span, int rowBytes, int payload, int number) {
  static final int MAGIC = 0x5354;
  static final int VERSION = 1;
  static final int RAW = 0;
  static final int PACKED = 1;
  static final int FIXED_BYTES = 60;

  static int length(int rank) {
    return FIXED_BYTES + rank * Integer.BYTES;
  }

  static void write(Parcel parcel, ByteBuffer out) {
    TensorSlice rows = parcel.rows();
    out.putShort((short) MAGIC).put((byte) VERSION).put((byte) (rows.packed() ? PACKED : RAW));
    out.put((byte) rows.type().code()).put((byte) rows.axis()).put((byte) rows.shape().rank()).put((byte) parcel.number());
    out.putLong(parcel.deployment().slot()).putInt(parcel.deployment().generation()).putInt(parcel.tile());
    out.putLong(parcel.inference().source()).putLong(parcel.inference().sequence());
    out.putInt(parcel.urgency()).putInt(rows.tensor());
    out.putInt(rows.span().from()).putInt(rows.span().to());
    out.putInt((int) rows.wireBytes());
    for (int i = 0; i < rows.shape().rank(); i++) out.putInt(rows.shape().dim(i));
  }

  /** Reads from the buffer's position to its limit, which must be where the payload ends. */
  static ParcelHeader read(ByteBuffer in, WireLimits limits) {
    int at = in.position();
    requireEnvelope(in, at);
    DataType type = type(in.get(at + 4));
    int rank = rank(in, at, limits);
    int axis = in.get(at + 5);
    if (axis < -1 || axis >= rank) throw new WireFormatException("axis", axis, "-1 <= axis < rank " + rank);
    Shape shape = shape(in, at + FIXED_BYTES, rank, type, limits);
    int extent = axis < 0 ? 1 : shape.dim(axis);
    if (extent > limits.rows()) throw new WireFormatException("dims[" + axis + "]", extent, "at most " + limits.rows() + " rows");
    RowSpan span = span(in.getInt(at + 48), in.getInt(at + 52), extent);
    int tile = in.getInt(at + 20);
    if (tile < Parcel.NOBODY) throw new WireFormatException("tile", tile, "at least " + Parcel.NOBODY);
    int length = length(rank);
    int rowBytes = rowBytes(TensorSlice.bytes(type, shape, axis, span.rows()), limits);
    int payload = payload(in.getInt(at + 56), rowBytes, in.get(at + 3) == PACKED, in.remaining() - length);
    DeploymentId deployment = new DeploymentId(in.getLong(at + 8), in.getInt(at + 16));
    InferenceId inference = new InferenceId(in.getLong(at + 24), in.getLong(at + 32));
    return new ParcelHeader(
        length, deployment, inference, tile, in.getInt(at + 40), in.getInt(at + 44), type, shape, axis, span, rowBytes,
        payload, in.get(at + 7) & 0xFF);
  }

  boolean packed() {
    return payload < rowBytes;
  }

  private static void requireEnvelope(ByteBuffer in, int at) {
    if (in.remaining() < 4) throw new WireFormatException("length", in.remaining(), "at least " + FIXED_BYTES + " bytes");
    int magic = in.getShort(at) & 0xFFFF;
    if (magic != MAGIC) throw new WireFormatException("magic", Integer.toHexString(magic), Integer.toHexString(MAGIC));
    int version = in.get(at + 2) & 0xFF;
    if (version != VERSION) throw new WireFormatException("version", version, "" + VERSION);
    if (in.remaining() < FIXED_BYTES) throw new WireFormatException("length", in.remaining(), "at least " + FIXED_BYTES + " bytes");
    int encoding = in.get(at + 3) & 0xFF;
    if (encoding != RAW && encoding != PACKED) throw new WireFormatException("encoding", encoding, RAW + ", raw, or " + PACKED + ", packed");
  }

  private static DataType type(byte code) {
    if (!DataType.knows(code)) throw new WireFormatException("dtype", code, "a fixed-size ONNX element type");
    return DataType.of(code);
  }

  private static int rank(ByteBuffer in, int at, WireLimits limits) {
    int rank = in.get(at + 6) & 0xFF;
    if (rank > limits.rank()) throw new WireFormatException("rank", rank, "at most " + limits.rank());
    if (in.remaining() < length(rank))
      throw new WireFormatException("length", in.remaining(), "at least " + length(rank) + " bytes for rank " + rank);
    return rank;
  }

  /** Zero dimensions count as one here: no product of the others may overflow either. */
  private static Shape shape(ByteBuffer in, int at, int rank, DataType type, WireLimits limits) {
    int[] dims = new int[rank];
    long bytes = type.bytes();
    for (int i = 0; i < rank; i++) {
      dims[i] = in.getInt(at + i * Integer.BYTES);
      if (dims[i] < 0) throw new WireFormatException("dims[" + i + "]", dims[i], "not negative");
      int factor = Math.max(1, dims[i]);
      if (bytes > limits.tensorBytes() / factor)
        throw new WireFormatException("dims[" + i + "]", dims[i], "a tensor of at most " + limits.tensorBytes() + " bytes");
      bytes *= factor;
    }
    return Shape.of(dims);
  }

  private static RowSpan span(int from, int to, int extent) {
    if (from < 0 || to <= from || to > extent)
      throw new WireFormatException("span", "[%d, %d)".formatted(from, to), "0 <= from < to <= " + extent);
    return new RowSpan(from, to);
  }

  private static int rowBytes(long rows, WireLimits limits) {
    if (rows > limits.payloadBytes()) throw new WireFormatException("span", rows + " bytes", "at most " + limits.payloadBytes() + " bytes");
    return (int) rows;
  }

  private static int payload(int claimed, int rowBytes, boolean packed, int present) {
    if (packed && (claimed < 1 || claimed >= rowBytes))
      throw new WireFormatException("payload", claimed, "1 to %d bytes, less than the rows".formatted(rowBytes - 1));
    if (!packed && claimed != rowBytes) throw new WireFormatException("payload", claimed, rowBytes + " bytes, as dtype, dims and span say");
    if (claimed != present) throw new WireFormatException("length", present, claimed + " bytes of payload, no more and no less");
    return claimed;
  }
}
