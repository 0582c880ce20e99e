package dev.tilestream.tensor.wire;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Packing;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.TensorSlice;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The binary form of a {@link Parcel}, version 1, little endian throughout:
 *
 * <pre>
 *  0  magic       u16  0x5354, "TS"
 *  2  version     u8   1
 *  3  encoding    u8   of the payload: 0 = raw, 1 = packed ({@link Packing}); others are refused
 *  4  dtype       u8   ONNX's number
 *  5  axis        i8   split axis; -1: the tensor is one indivisible row
 *  6  rank        u8
 *  7  number      u8   its place among those of its link, modulo 256
 *  8  slot        i64  deployment
 * 16  generation  i32  deployment
 * 20  tile        i32  -1: the source's join; -2: all tiles of the device that need the rows; -3: nobody
 * 24  source      i64  inference
 * 32  sequence    i64  inference
 * 40  urgency     i32
 * 44  tensor      i32
 * 48  span        i32, i32  from, to
 * 56  payload     i32  bytes
 * 60  dims        rank x i32, of the whole tensor
 *     payload     the rows of the span, dense, row-major; element values are not looked at. Packed: fewer bytes that become these rows
 * </pre>
 *
 * A message is exactly as long as it says. Writing copies each run of rows once, from native memory into the target; reading copies once,
 * into pooled native memory. Tensors lie in memory in the machine's order, so that the machine must be little endian.
 */
public final class ParcelCodec {
  static {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN)
      throw new IllegalStateException("machine: " + ByteOrder.nativeOrder() + " (expected: " + ByteOrder.LITTLE_ENDIAN + ")");
  }

  private ParcelCodec() {}

  /** Bytes that {@link #write} puts down. */
  public static int encodedSize(Parcel parcel) {
    return Math.toIntExact(ParcelHeader.length(parcel.rows().shape().rank()) + parcel.rows().wireBytes());
  }

  /**
   * Writes at the target's position and moves it behind the message. The parcel still owns its slice.
   *
   * @throws BufferOverflowException when the target has less than {@link #encodedSize} bytes left; nothing was written
   * @throws IllegalStateException when the slice was released
   */
  public static void write(Parcel parcel, ByteBuffer target) {
    int rank = parcel.rows().shape().rank();
    if (rank > 255) throw new IllegalArgumentException("rank: " + rank + " (expected: at most 255)");
    int size = encodedSize(parcel);
    if (target.remaining() < size) throw new BufferOverflowException();
    ByteBuffer out = target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer source = parcel.rows().buffer().bytes();
    ParcelHeader.write(parcel, out);
    if (parcel.rows().packed()) out.put(out.position(), source, 0, (int) parcel.rows().wireBytes());
    else writeRows(parcel.rows(), source, out);
    target.position(target.position() + size);
  }

  private static void writeRows(TensorSlice rows, ByteBuffer source, ByteBuffer out) {
    int runs = rows.runs();
    int run = rows.runBytes();
    int from = rows.runOffset(0);
    int stride = runs > 1 ? rows.runOffset(1) - from : 0;
    int to = out.position();
    for (int i = 0; i < runs; i++) out.put(to + i * run, source, from + i * stride, run);
  }

  /**
   * Reads the message that fills the input from its position to its limit, and consumes it. The caller owns the parcel's slice, which is
   * dense and as it is. All fields are checked before memory is acquired, packed bytes once they are unpacked; when this throws, the
   * input is where it was and nothing is held.
   *
   * @throws WireFormatException when the input is not exactly one valid parcel within {@code limits}
   * @throws BufferPool.Exhausted when the pool has no room for the payload
   */
  public static Parcel read(ByteBuffer input, BufferPool pool, WireLimits limits) {
    ByteBuffer in = input.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ParcelHeader header = ParcelHeader.read(in, limits);
    int at = in.position() + header.length();
    ByteBuffer packed = header.packed() ? in.slice(at, header.payload()) : null;
    if (packed != null && !Packing.claims(packed, header.rowBytes()))
      throw new WireFormatException("payload", "other packed bytes", "what becomes " + header.rowBytes() + " bytes");
    NativeBuffer buffer = pool.acquire(header.rowBytes());
    TensorSlice rows;
    try {
      if (packed != null) unpack(packed, header, buffer, pool);
      else buffer.bytes().put(0, in, at, header.payload());
      rows = TensorSlice.of(header.tensor(), header.type(), header.shape(), header.axis(), header.span(), buffer);
    } catch (RuntimeException e) {
      buffer.release();
      throw e;
    }
    input.position(input.limit());
    return new Parcel(header.deployment(), header.inference(), header.tile(), header.urgency(), rows, header.payload(), header.number());
  }

  /**
   * What is known of the message without its payload; consumes it like {@link #read}, which found no memory for it, and takes none.
   *
   * @throws WireFormatException like {@link #read}
   */
  static UnreadParcel skip(ByteBuffer input, WireLimits limits) {
    ParcelHeader header = ParcelHeader.read(input.duplicate().order(ByteOrder.LITTLE_ENDIAN), limits);
    input.position(input.limit());
    return new UnreadParcel(header.deployment(), header.inference(), header.tile(), header.payload(), header.number());
  }

  private static void unpack(ByteBuffer packed, ParcelHeader header, NativeBuffer into, BufferPool pool) {
    try {
      Packing.unpack(packed, header.type(), header.rowBytes(), into, pool);
    } catch (IllegalArgumentException e) {
      throw new WireFormatException("payload", e.getMessage(), header.payload() + " packed bytes");
    }
  }
}
