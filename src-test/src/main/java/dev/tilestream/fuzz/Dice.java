package dev.tilestream.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Everything random about one case: the same seed throws the same. */
final class Dice {
  /** Where readers go wrong: around zero, around the bounds of types, beyond any memory. */
  private static final long[] EXTREMES = {
    0, 1, -1, 2, 3, 4, 7, 8, 16, 31, 32, 63, 64, 127, 128, 255, 256, 257, 4095, 4096, 4097, 65_535, 65_536, 1 << 20, 1 << 24, 1 << 30,
    Integer.MAX_VALUE, Integer.MAX_VALUE - 1L, Integer.MAX_VALUE - 7L, Integer.MAX_VALUE + 1L, Integer.MIN_VALUE, Integer.MIN_VALUE + 1L,
    0xffffffffL, 1L << 32, 1L << 40, 1L << 62, Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, Long.MIN_VALUE + 1
  };

  private final SplittableRandom random;

  Dice(long seed) {
    random = new SplittableRandom(seed);
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** In [0, bound). */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** In [low, high]. */
  int between(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  long number() {
    return random.nextLong();
  }

  double fraction() {
    return random.nextDouble();
  }

  long extreme() {
    return EXTREMES[random.nextInt(EXTREMES.length)];
  }

  int extremeInt() {
    return (int) extreme();
  }

  byte[] bytes(int count) {
    byte[] out = new byte[count];
    random.nextBytes(out);
    return out;
  }

  <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  @SafeVarargs
  final <T> T oneOf(T... of) {
    return of[random.nextInt(of.length)];
  }

  /** Bytes of {@code valid} broken with no eye for what they mean. {@code other} is what is spliced in. */
  byte[] breakBytes(byte[] valid, byte[] other) {
    byte[] out = valid.clone();
    for (int times = between(1, 4); times > 0; times--) out = breakOnce(out, other);
    return out;
  }

  private byte[] breakOnce(byte[] bytes, byte[] other) {
    if (bytes.length == 0) return bytes(between(0, 16));
    return switch (below(8)) {
      case 0 -> flip(bytes, below(bytes.length));
      case 1 -> flip(bytes, below(Math.min(bytes.length, 96)));
      case 2 -> Arrays.copyOf(bytes, below(bytes.length));
      case 3 -> Arrays.copyOf(bytes, bytes.length + between(1, 40));
      case 4 -> overwrite(bytes);
      case 5 -> splice(bytes, other);
      case 6 -> repeat(bytes);
      default -> cut(bytes);
    };
  }

  private byte[] flip(byte[] bytes, int at) {
    bytes[at] ^= (byte) (1 << below(8));
    return bytes;
  }

  /** An extreme number, 1, 2, 4 or 8 bytes wide and either way round. */
  private byte[] overwrite(byte[] bytes) {
    int width = 1 << below(4);
    if (bytes.length < width) return bytes;
    int at = chance(0.5) ? below(bytes.length - width + 1) : below(Math.min(bytes.length - width + 1, 96));
    ByteBuffer view = ByteBuffer.wrap(bytes).order(chance(0.5) ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    switch (width) {
      case 1 -> view.put(at, (byte) extreme());
      case 2 -> view.putShort(at, (short) extreme());
      case 4 -> view.putInt(at, (int) extreme());
      default -> view.putLong(at, extreme());
    }
    return bytes;
  }

  /** The beginning of one and the end of another. */
  private byte[] splice(byte[] bytes, byte[] other) {
    int head = below(bytes.length + 1);
    int tail = chance(0.5) ? Math.min(head, other.length) : below(other.length + 1);
    byte[] out = Arrays.copyOf(bytes, head + other.length - tail);
    System.arraycopy(other, tail, out, head, other.length - tail);
    return out;
  }

  /** A run of bytes once more. */
  private byte[] repeat(byte[] bytes) {
    int from = below(bytes.length);
    int run = between(1, Math.min(64, bytes.length - from));
    byte[] out = Arrays.copyOf(bytes, bytes.length + run);
    System.arraycopy(bytes, from, out, from + run, bytes.length - from);
    return out;
  }

  private byte[] cut(byte[] bytes) {
    int from = below(bytes.length);
    int run = between(1, Math.min(64, bytes.length - from));
    byte[] out = Arrays.copyOf(bytes, bytes.length - run);
    System.arraycopy(bytes, from + run, out, from, bytes.length - from - run);
    return out;
  }
}
