package dev.tilestream.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Breaks a JPEG marker by marker: dimensions, components and sampling, tables, profiles, and scans without end. */
final class HostileJpeg {
  private static final int START_OF_IMAGE = 0xd8;
  private static final int START_OF_SCAN = 0xda;
  private static final int[] MARKERS = {
    0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc9, 0xca, 0xcc, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xe0, 0xe1, 0xe2, 0xee, 0xfe, 0x01
  };
  private static final byte[] PROFILE = "ICC_PROFILE\0".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  private static final byte[] ADOBE = "Adobe\0".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

  /**
   * @param body behind marker and length; null where there is none
   * @param entropy coded data behind a scan's header
   */
  private record Segment(int marker, byte[] body, byte[] entropy) {}

  private final Dice dice;

  HostileJpeg(Dice dice) {
    this.dice = dice;
  }

  byte[] hurt(byte[] jpeg) {
    List<Segment> segments = segments(jpeg);
    for (int times = dice.between(1, 3); times > 0; times--) {
      int at = dice.between(1, segments.size() - 1);
      Segment old = segments.get(at);
      switch (dice.below(9)) {
        case 0, 1 -> frame(segments);
        case 2 -> segments.add(at, new Segment(MARKERS[dice.below(MARKERS.length)], dice.bytes(dice.below(60)), new byte[0]));
        case 3 -> segments.set(at, dice.one(segments));
        case 4 -> segments.remove(at);
        case 5 -> manyScans(segments);
        case 6 -> segments.add(1, application());
        case 7 -> segments.set(at, new Segment(old.marker, old.body, dice.breakBytes(old.entropy, old.entropy)));
        default -> {
          if (old.body != null) segments.set(at, new Segment(old.marker, dice.breakBytes(old.body, old.body), old.entropy));
        }
      }
      if (segments.size() < 3) break;
    }
    return written(segments);
  }

  /** Precision, height, width, number of components, and for each its number, sampling and table. */
  private void frame(List<Segment> segments) {
    for (int i = 0; i < segments.size(); i++) {
      Segment s = segments.get(i);
      if (!startsFrame(s)) continue;
      byte[] body = s.body.clone();
      if (dice.chance(0.5)) ByteBuffer.wrap(body).putShort(1 + 2 * dice.below(2), dice.oneOf(0, 1, 500, 512, 4096, 8192, 65_535).shortValue());
      else body[dice.below(body.length)] = (byte) dice.extreme();
      segments.set(i, new Segment(dice.chance(0.2) ? 0xc0 + dice.below(3) : s.marker, body, s.entropy));
    }
  }

  /** Each goes over the whole picture, which is as large as it may be, however short the scan is. */
  private void manyScans(List<Segment> segments) {
    resize(segments, 512);
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i).marker != START_OF_SCAN) continue;
      Segment scan = segments.get(i);
      Segment empty = dice.chance(0.5) ? scan : new Segment(scan.marker, scan.body, new byte[0]);
      for (int n = dice.between(1, 3000); n > 0; n--) segments.add(i, empty);
      return;
    }
  }

  private static void resize(List<Segment> segments, int side) {
    for (int i = 0; i < segments.size(); i++) {
      Segment s = segments.get(i);
      if (!startsFrame(s)) continue;
      segments.set(i, new Segment(s.marker, ByteBuffer.wrap(s.body.clone()).putShort(1, (short) side).putShort(3, (short) side).array(), s.entropy));
    }
  }

  private static boolean startsFrame(Segment s) {
    return s.marker >= 0xc0 && s.marker <= 0xc2 && s.body != null && s.body.length >= 6;
  }

  private Segment application() {
    byte[] head = dice.oneOf(PROFILE, ADOBE, new byte[0]);
    byte[] body = Arrays.copyOf(head, head.length + dice.between(0, 400));
    byte[] rest = dice.bytes(body.length - head.length);
    System.arraycopy(rest, 0, body, head.length, rest.length);
    return new Segment(dice.oneOf(0xe0, 0xe1, 0xe2, 0xee), body, new byte[0]);
  }

  private static List<Segment> segments(byte[] jpeg) {
    List<Segment> segments = new ArrayList<>();
    int at = 0;
    while (at + 1 < jpeg.length) {
      int marker = jpeg[at + 1] & 0xff;
      if (marker == START_OF_IMAGE || at + 3 >= jpeg.length) {
        segments.add(new Segment(marker, null, new byte[0]));
        at += 2;
        continue;
      }
      int end = at + 2 + ByteBuffer.wrap(jpeg).getShort(at + 2);
      int next = end;
      if (marker == START_OF_SCAN) while (next + 1 < jpeg.length && (jpeg[next] != (byte) 0xff || jpeg[next + 1] == 0)) next++;
      segments.add(new Segment(marker, Arrays.copyOfRange(jpeg, at + 4, end), Arrays.copyOfRange(jpeg, end, next)));
      at = next;
    }
    return segments;
  }

  private byte[] written(List<Segment> segments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Segment s : segments) {
      out.write(0xff);
      out.write(s.marker);
      if (s.body != null) {
        int length = dice.chance(0.001) ? dice.extremeInt() : s.body.length + 2;
        out.write(length >> 8);
        out.write(length);
        out.writeBytes(s.body);
      }
      out.writeBytes(s.entropy);
    }
    return out.toByteArray();
  }
}
