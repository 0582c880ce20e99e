package dev.tilestream.scheduler.profile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Profiles as bytes, on disk and between nodes: a mark, a version, the figures as 32-bit floats, a checksum over all before it. What comes
 * from outside is checked: sizes before memory is taken for them, then by {@link DeviceProfile} itself.
 */
public final class ProfileCodec {
  /** Of the format and of how profiles are measured: figures of another one are not comparable. */
  public static final int VERSION = 3;
  /** Above any graph that is imported. */
  static final int MOST_STAGES = 1 << 16;
  private static final int MOST_POINTS = 64;
  /** Above any graph's tensors. */
  private static final int MOST_SHARES = 1 << 20;
  private static final int MARK = 0x54535046;
  private static final int CHECKSUM = Integer.BYTES;

  private ProfileCodec() {}

  public static byte[] encode(DeviceProfile profile) {
    try (ByteArrayOutputStream bytes = new ByteArrayOutputStream(); DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MARK);
      out.writeInt(VERSION);
      out.writeUTF(profile.device());
      out.writeUTF(profile.graphHash());
      out.writeFloat((float) profile.fusedRatio());
      out.writeFloat((float) profile.tileSeconds());
      Power power = profile.power();
      for (double watts : new double[] {power.idleWatts(), power.computeWatts(), power.transmitWatts(), power.receiveWatts()})
        out.writeDouble(watts);
      out.writeInt(profile.stages().size());
      for (StageTime stage : profile.stages()) encode(stage, out);
      out.writeInt(profile.airShares().size());
      for (double share : profile.airShares()) out.writeFloat((float) share);
      out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void encode(StageTime stage, DataOutputStream out) throws IOException {
    double[] shares = stage.shares();
    double[] seconds = stage.seconds();
    if (shares.length > MOST_POINTS)
      throw new IllegalArgumentException("profile: a stage with %d points (expected: at most %d)".formatted(shares.length, MOST_POINTS));
    out.writeByte(shares.length);
    for (int i = 0; i < shares.length; i++) {
      out.writeFloat((float) shares[i]);
      out.writeFloat((float) seconds[i]);
    }
  }

  /** @throws IllegalArgumentException when these are not the bytes of a profile of this version, whole and sound */
  public static DeviceProfile decode(byte[] bytes) {
    if (bytes.length < CHECKSUM) throw new IllegalArgumentException("profile: %d bytes (expected: more)".formatted(bytes.length));
    int body = bytes.length - CHECKSUM;
    int expected = ByteBuffer.wrap(bytes, body, CHECKSUM).getInt();
    if (checksum(bytes, body) != expected)
      throw new IllegalArgumentException("profile: damaged (expected: bytes of the checksum behind them)");
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, body))) {
      int mark = in.readInt();
      int version = in.readInt();
      if (mark != MARK || version != VERSION)
        throw new IllegalArgumentException("profile: mark %x, version %d (expected: %x, %d)".formatted(mark, version, MARK, VERSION));
      return decode(in);
    } catch (IOException e) {
      throw new IllegalArgumentException("profile: ends too early", e);
    }
  }

  private static DeviceProfile decode(DataInputStream in) throws IOException {
    String device = in.readUTF();
    String hash = in.readUTF();
    double fused = in.readFloat();
    double tile = in.readFloat();
    Power power = new Power(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
    int count = in.readInt();
    if (count < 0 || count > MOST_STAGES)
      throw new IllegalArgumentException("profile: %d stages (expected: 0 to %d)".formatted(count, MOST_STAGES));
    List<StageTime> stages = new ArrayList<>();
    for (int s = 0; s < count; s++) stages.add(stage(in));
    int tensors = in.readInt();
    if (tensors < 0 || tensors > MOST_SHARES)
      throw new IllegalArgumentException("profile: shares of %d tensors (expected: 0 to %d)".formatted(tensors, MOST_SHARES));
    List<Double> shares = new ArrayList<>();
    for (int t = 0; t < tensors; t++) shares.add((double) in.readFloat());
    if (in.read() >= 0) throw new IllegalArgumentException("profile: more bytes behind the last share (expected: none)");
    return new DeviceProfile(device, hash, stages, fused, tile, power, shares);
  }

  private static StageTime stage(DataInputStream in) throws IOException {
    int points = in.readUnsignedByte();
    if (points > MOST_POINTS)
      throw new IllegalArgumentException("profile: a stage with %d points (expected: at most %d)".formatted(points, MOST_POINTS));
    double[] shares = new double[points];
    double[] seconds = new double[points];
    for (int i = 0; i < points; i++) {
      shares[i] = in.readFloat();
      seconds[i] = in.readFloat();
    }
    return new StageTime(shares, seconds);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
