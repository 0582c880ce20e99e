package dev.tilestream.tensor.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Packing;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RandomSlices;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * 300,000 broken messages from a fixed seed: each is refused by type and name, or is a parcel, which encodes to the very same bytes where
 * it did not come packed.
 */
class ParcelFuzzTest {
  private static final int MESSAGES = 300_000;
  private static final WireLimits LIMITS = new WireLimits(1 << 16, 1 << 20, 8, 1 << 12);
  private static final int[] EXTREMES = {
    0, 1, -1, 2, 4, 7, 8, 127, 128, 255, 256, 4095, 4097, 65_535, 65_536, 1 << 20, 1 << 24, 1 << 30,
    Integer.MAX_VALUE, Integer.MAX_VALUE - 7, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, 0x5354, 0x00015354
  };

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

  private static final int ENCODING = 3;

  private final SplittableRandom random = new SplittableRandom(20_240_524);
  private final CountingPool pool = new CountingPool();
  private final Map<String, Integer> refusals = new TreeMap<>();
  private int valid;

  @Test
  void brokenMessagesAreRefusedByNameOrAreValidAndNeverHoldMemory() {
    List<byte[]> seeds = seeds();
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = seeds.get(random.nextInt(seeds.size())).clone();
      for (int mutations = random.nextInt(1, 4); mutations > 0; mutations--) message = mutate(message, seeds);
      read(message, i);
    }
    pool.close();
    assertThat(refusals.keySet()).contains(
        "length", "magic", "version", "encoding", "reserved", "dtype", "axis", "rank", "dims[0]", "span", "tile", "payload");
    assertThat(refusals.values().stream().mapToInt(Integer::intValue).sum() + valid).isEqualTo(MESSAGES);
    assertThat(valid).as("mutations that still are parcels").isBetween(MESSAGES / 20, MESSAGES / 2);
  }

  private void read(byte[] message, int number) {
    ByteBuffer input = number % 2 == 0 ? ByteBuffer.wrap(message) : ByteBuffer.allocateDirect(message.length).put(message).flip();
    long before = pool.acquired;
    try {
      Parcel parcel = ParcelCodec.read(input, pool, LIMITS);
      valid++;
      byte[] again = new byte[ParcelCodec.encodedSize(parcel)];
      ParcelCodec.write(parcel, ByteBuffer.wrap(again));
      parcel.rows().release();
      if (message[ENCODING] == 0 && !Arrays.equals(again, message))
        throw new AssertionError("message " + number + " was read as another: " + parcel);
    } catch (WireFormatException e) {
      refusals.merge(e.field(), 1, Integer::sum);
      if (pool.acquired != before && message[ENCODING] == 0)
        throw new AssertionError("message " + number + " was refused after memory was acquired", e);
      if (input.position() != 0) throw new AssertionError("message " + number + " was refused and yet consumed", e);
    }
    if (pool.inUse() != 0) throw new AssertionError("message " + number + " left " + pool.inUse() + " bytes in use");
  }

  private List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    try (BufferPool own = BufferPool.bounded(1 << 20, 0); Packing packing = new Packing()) {
      RandomSlices slices = new RandomSlices(5, own, 6);
      while (seeds.size() < 500) {
        Parcel parcel = slices.parcel();
        TensorSlice rows = parcel.rows();
        if (rows.bytes() < 1_000) seeds.add(encoded(parcel));
        rows.release();
        if (seeds.size() % 4 == 0) seeds.add(packed(slices, own, packing));
      }
    }
    return seeds;
  }

  private byte[] packed(RandomSlices slices, BufferPool own, Packing packing) {
    TensorSlice rows = TensorSlice.allocate(own, 1, slices.type(), Shape.of(4, 60), 0, RowSpan.of(1, 3));
    ByteBuffer data = rows.data();
    while (data.hasRemaining()) data.put((byte) random.nextInt(2));
    TensorSlice packed = packing.pack(rows, own).orElseThrow();
    byte[] bytes = encoded(new Parcel(new DeploymentId(1, 1), new InferenceId(1, 1), 1, 1, packed));
    packed.release();
    rows.release();
    return bytes;
  }

  private static byte[] encoded(Parcel parcel) {
    byte[] bytes = new byte[ParcelCodec.encodedSize(parcel)];
    ParcelCodec.write(parcel, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private byte[] mutate(byte[] message, List<byte[]> seeds) {
    if (message.length == 0) return message;
    return switch (random.nextInt(7)) {
      case 0 -> flipBit(message, random.nextInt(message.length * 8));
      case 1 -> flipBit(message, random.nextInt(Math.min(message.length, 80) * 8));
      case 2 -> Arrays.copyOf(message, random.nextInt(message.length));
      case 3 -> Arrays.copyOf(message, message.length + random.nextInt(1, 40));
      case 4 -> overwriteField(message);
      case 5 -> splice(message, seeds.get(random.nextInt(seeds.size())));
      default -> overwriteByte(message);
    };
  }

  private static byte[] flipBit(byte[] message, int bit) {
    message[bit / 8] ^= (byte) (1 << bit % 8);
    return message;
  }

  private byte[] overwriteByte(byte[] message) {
    message[random.nextInt(Math.min(message.length, 80))] = (byte) EXTREMES[random.nextInt(EXTREMES.length)];
    return message;
  }

  private byte[] overwriteField(byte[] message) {
    int fields = Math.min(message.length, 80) / 4;
    if (fields == 0) return message;
    ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).putInt(4 * random.nextInt(fields), EXTREMES[random.nextInt(EXTREMES.length)]);
    return message;
  }

  /** The beginning of one message and the end of another. */
  private byte[] splice(byte[] message, byte[] other) {
    int head = random.nextInt(message.length + 1);
    int tail = random.nextBoolean() ? Math.min(head, other.length) : random.nextInt(other.length + 1);
    byte[] out = Arrays.copyOf(message, head + other.length - tail);
    System.arraycopy(other, tail, out, head, other.length - tail);
    return out;
  }
}
