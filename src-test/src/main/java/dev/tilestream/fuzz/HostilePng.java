package dev.tilestream.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** Breaks a PNG chunk by chunk: what its header claims, which chunks there are and how often, and what their bytes become when inflated. */
final class HostilePng {
  private static final int SIGNATURE = 8;
  private static final int FRAME = 12;
  private static final List<String> TYPES = List.of(
      "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "tEXt", "zTXt", "iTXt", "bKGD", "hIST", "pHYs", "sBIT", "sPLT", "tIME",
      "acTL", "abCD");

  private static final byte[] LITTLE_THAT_BECOMES_MUCH = deflated(new byte[1 << 20], 96);

  private record Chunk(String type, byte[] data) {}

  private final Dice dice;

  HostilePng(Dice dice) {
    this.dice = dice;
  }

  byte[] hurt(byte[] png) {
    List<Chunk> chunks = chunks(png);
    for (int times = dice.between(1, 3); times > 0; times--) {
      switch (dice.below(8)) {
        case 0, 1 -> header(chunks);
        case 2 -> chunks.add(dice.between(1, chunks.size() - 1), new Chunk(dice.one(TYPES), dice.bytes(dice.below(40))));
        case 3 -> chunks.add(dice.between(1, chunks.size() - 1), bomb());
        case 4 -> chunks.set(dice.below(chunks.size()), dice.one(chunks));
        case 5 -> chunks.remove(dice.below(chunks.size() - 1) + 1);
        case 6 -> pixels(chunks);
        default -> palette(chunks);
      }
      if (chunks.size() < 3) break;
    }
    return written(chunks, Arrays.copyOf(png, SIGNATURE));
  }

  /** Width, height, bits, colour type, compression, filter, interlacing. */
  private void header(List<Chunk> chunks) {
    byte[] data = chunks.get(0).data.clone();
    if (data.length < 13) return;
    if (dice.chance(0.5)) ByteBuffer.wrap(data).putInt(4 * dice.below(2), dice.chance(0.5) ? dice.extremeInt() : dice.between(1, 2000));
    else data[dice.between(8, 12)] = dice.oneOf(0, 1, 2, 3, 4, 6, 8, 16, 255).byteValue();
    chunks.set(0, new Chunk(chunks.get(0).type, data));
  }

  /** A text or colour profile that becomes a thousand times as long. */
  private Chunk bomb() {
    byte[] packed = LITTLE_THAT_BECOMES_MUCH;
    return switch (dice.below(3)) {
      case 0 -> new Chunk("zTXt", joined("k\0\0", packed));
      case 1 -> new Chunk("iTXt", joined("k\0\1\0\0\0", packed));
      default -> new Chunk("iCCP", joined("k\0\0", packed));
    };
  }

  private void pixels(List<Chunk> chunks) {
    byte[] data = dice.chance(0.3) ? LITTLE_THAT_BECOMES_MUCH : deflated(dice.bytes(dice.below(3000)), 1);
    for (int i = 0; i < chunks.size(); i++) if (chunks.get(i).type.equals("IDAT")) chunks.set(i, new Chunk("IDAT", data));
  }

  private void palette(List<Chunk> chunks) {
    header(chunks);
    chunks.add(1, new Chunk("PLTE", dice.bytes(dice.oneOf(0, 1, 3, 6, 48, 768, 771, 3000))));
    if (dice.chance(0.5)) chunks.add(2, new Chunk("tRNS", dice.bytes(dice.oneOf(0, 1, 2, 6, 256, 300))));
  }

  private static byte[] deflated(byte[] bytes, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      for (int i = 0; i < times; i++) deflater.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] joined(String head, byte[] tail) {
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] out = Arrays.copyOf(start, start.length + tail.length);
    System.arraycopy(tail, 0, out, start.length, tail.length);
    return out;
  }

  private static List<Chunk> chunks(byte[] png) {
    List<Chunk> chunks = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(png).position(SIGNATURE);
    while (in.remaining() >= FRAME) {
      byte[] data = new byte[in.getInt()];
      byte[] type = new byte[4];
      in.get(type).get(data).getInt();
      chunks.add(new Chunk(new String(type, StandardCharsets.ISO_8859_1), data));
    }
    return chunks;
  }

  /** With right lengths and sums, mostly. */
  private byte[] written(List<Chunk> chunks, byte[] signature) {
    int size = SIGNATURE;
    for (Chunk c : chunks) size += FRAME + c.data.length;
    ByteBuffer out = ByteBuffer.allocate(size).put(signature);
    for (Chunk c : chunks) {
      byte[] type = c.type.getBytes(StandardCharsets.ISO_8859_1);
      CRC32 sum = new CRC32();
      sum.update(type);
      sum.update(c.data);
      out.putInt(dice.chance(0.03) ? dice.extremeInt() : c.data.length).put(type).put(c.data);
      out.putInt(dice.chance(0.03) ? 0 : (int) sum.getValue());
    }
    return out.array();
  }
}
