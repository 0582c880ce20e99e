package dev.tilestream.fuzz;

import com.github.luben.zstd.Zstd;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Packing;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tensor.wire.ParcelCodec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Valid parcels of every type, rank and axis as they travel, raw and packed. */
final class RandomParcels {
  /** Where a message keeps its number of bytes of payload; see {@link ParcelCodec}. */
  private static final int PAYLOAD = 56;
  private static final int RANK = 6;
  private static final int HEADER = 60;

  private final BufferPool pool = BufferPool.bounded(1 << 20, 1 << 20);
  private final Packing packing = new Packing();

  byte[] draw(Dice dice) {
    int[] dims = new int[dice.below(5)];
    for (int i = 0; i < dims.length; i++) dims[i] = dice.chance(0.05) ? 0 : dice.between(1, 8);
    Shape shape = Shape.of(dims);
    int axis = dice.between(-1, shape.rank() - 1);
    if (axis >= 0 && shape.dim(axis) == 0) axis = -1;
    int rows = TensorSlice.all(shape, axis).rows();
    int from = dice.below(rows);
    RowSpan span = RowSpan.of(from, dice.between(from + 1, rows));
    TensorSlice slice = TensorSlice.allocate(pool, dice.extremeInt(), dice.oneOf(DataType.values()), shape, axis, span);
    byte[] content = dice.chance(0.5) ? new byte[(int) slice.bytes()] : dice.bytes((int) slice.bytes());
    slice.data().put(content);
    TensorSlice sent = dice.chance(0.5) ? packing.pack(slice, pool).orElse(slice) : slice;
    Parcel parcel = new Parcel(
        new DeploymentId(dice.number(), dice.extremeInt()), new InferenceId(dice.number(), dice.number()), dice.between(-3, 1000),
        dice.extremeInt(), sent).numbered(dice.below(Parcel.NUMBERS));
    byte[] bytes = new byte[ParcelCodec.encodedSize(parcel)];
    ParcelCodec.write(parcel, ByteBuffer.wrap(bytes));
    if (sent != slice) sent.release();
    slice.release();
    return bytes;
  }

  /** A packed parcel whose payload is something else: several frames, a frame that becomes more or less than it says, no frame. */
  byte[] withOtherFrame(byte[] message, Dice dice) {
    int head = HEADER + 4 * (message[RANK] & 0xff);
    if (head > message.length) return message;
    byte[] content = dice.chance(0.5) ? new byte[dice.between(0, 1 << 16)] : dice.bytes(dice.between(0, 512));
    byte[] frame = Zstd.compress(content);
    if (dice.chance(0.3)) frame = concat(frame, Zstd.compress(new byte[dice.between(0, 4096)]));
    if (dice.chance(0.3) && frame.length > 8) {
      // The content size, whatever its width, begins behind the magic and the descriptor.
      ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putShort(5, (short) dice.extreme());
    }
    byte[] out = concat(Arrays.copyOf(message, head), frame);
    ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putInt(PAYLOAD, frame.length);
    return out;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] out = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }

  void close() {
    packing.close();
    pool.close();
  }
}
