package dev.tilestream.fuzz;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.wire.ParcelCodec;
import dev.tilestream.tensor.wire.WireFormatException;
import dev.tilestream.tensor.wire.WireLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;

/**
 * {@link ParcelCodec}: a message is refused by type and field, having taken no memory unless it came packed, and is not consumed; or it is
 * a parcel, which encodes to the very same bytes where it did not come packed.
 */
final class CodecTarget implements FuzzTarget {
  private static final WireLimits LIMITS = new WireLimits(1 << 16, 1 << 20, 8, 1 << 12);
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(20), 64 << 10, 4, 256 << 20);
  /** Offset of the encoding in a message, and what it says of one that is not packed. */
  private static final int ENCODING = 3;
  private static final int RAW = 0;
  private static final int FIELDS = 80;

  private final RandomParcels parcels = new RandomParcels();
  private final CountingPool pool = new CountingPool();
  private final ByteBuffer direct = ByteBuffer.allocateDirect(1 << 18);

  /** Counts what the reader asks for, so that a refused message can be shown to have asked for nothing. */
  private static final class CountingPool implements BufferPool {
    private final BufferPool pool = BufferPool.bounded(1 << 20, 1 << 20);
    private long acquired;

    @Override
    public NativeBuffer acquire(long bytes) {
      acquired++;
      return pool.acquire(bytes);
    }

    @Override
    public long inUse() {
      return pool.inUse();
    }

    @Override
    public long idle() {
      return pool.idle();
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  @Override
  public String word() {
    return "codec";
  }

  @Override
  public Bounds bounds() {
    return BOUNDS;
  }

  @Override
  public long nativeInUse() {
    return pool.inUse();
  }

  @Override
  public Trial draw(long seed) {
    Dice dice = new Dice(seed);
    byte[] message = parcels.draw(dice);
    if (dice.chance(0.15)) message = parcels.withOtherFrame(message, dice);
    if (dice.chance(0.7)) message = overwriteFields(message, dice);
    if (dice.chance(0.5)) message = dice.breakBytes(message, parcels.draw(dice));
    byte[] input = message;
    boolean offHeap = dice.chance(0.5) && input.length <= direct.capacity();
    return new Trial(input, () -> read(input, offHeap ? direct.clear().put(input).flip().slice() : ByteBuffer.wrap(input)));
  }

  /** Numbers where numbers are: what is aligned and in the header. */
  private static byte[] overwriteFields(byte[] message, Dice dice) {
    int fields = Math.min(message.length, FIELDS) / 4;
    for (int times = dice.between(0, 2); times > 0 && fields > 0; times--)
      ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).putInt(4 * dice.below(fields), dice.extremeInt());
    return message;
  }

  private String read(byte[] message, ByteBuffer input) {
    long before = pool.acquired;
    try {
      Parcel parcel = ParcelCodec.read(input, pool, LIMITS);
      try {
        byte[] again = new byte[ParcelCodec.encodedSize(parcel)];
        ParcelCodec.write(parcel, ByteBuffer.wrap(again));
        if (message[ENCODING] == RAW && !Arrays.equals(again, message)) throw new AssertionError("read as another: " + parcel);
      } finally {
        parcel.rows().release();
      }
      return Trial.TAKEN;
    } catch (WireFormatException e) {
      if (pool.acquired != before && message[ENCODING] == RAW) throw new AssertionError("refused after memory was acquired", e);
      if (input.position() != 0) throw new AssertionError("refused and yet consumed", e);
      return e.field();
    }
  }

  @Override
  public void close() {
    parcels.close();
    pool.close();
  }
}
