package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.scheduler.Fleets;
import dev.tilestream.scheduler.Graphs;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ProfileCodecTest {
  private final DeviceProfile profile = Fleets.device("edge-1", Graphs.chain(40, 20), 1e9, 1e-5);

  @Test
  void aProfileComesBackToSinglePrecision() {
    DeviceProfile back = ProfileCodec.decode(ProfileCodec.encode(profile));
    assertThat(back.device()).isEqualTo("edge-1");
    assertThat(back.graphHash()).isEqualTo(profile.graphHash());
    assertThat(back.power()).isEqualTo(profile.power());
    assertThat(back.change(profile)).isLessThan(1e-6);
    assertThat(back.fusedRatio()).isEqualTo(profile.fusedRatio(), within(1e-7));
    assertThat(ProfileCodec.decode(ProfileCodec.encode(back))).as("what was rounded once stays").isEqualTo(back);
  }

  @Test
  void howWellTensorsPackComesBack() {
    DeviceProfile packing = profile.packing(Fleets.shares(Graphs.chain(40, 20), new Random(3)));
    DeviceProfile back = ProfileCodec.decode(ProfileCodec.encode(packing));
    assertThat(back.airShares()).hasSameSizeAs(packing.airShares());
    for (int t = 0; t < back.airShares().size(); t++) assertThat(back.airShare(t)).isEqualTo(packing.airShare(t), within(1e-6));
    assertThat(back.change(profile)).as("one knows, one does not").isInfinite();
  }

  @Test
  void aModelOfManyStagesTakesFewKilobytes() {
    assertThat(ProfileCodec.encode(Fleets.device("edge-1", Graphs.chain(150, 20), 1e9, 1e-5)).length).isLessThan(8 << 10);
  }

  @Test
  void anyFlippedBitIsFound() {
    byte[] good = ProfileCodec.encode(profile);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << i % 8);
      assertThatThrownBy(() -> ProfileCodec.decode(bad)).as("byte %d", i).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whatIsCutOffOrLongerIsRefused() {
    byte[] good = ProfileCodec.encode(profile);
    for (int n = 0; n < good.length; n++) {
      byte[] some = Arrays.copyOf(good, n);
      assertThatThrownBy(() -> ProfileCodec.decode(some)).as("%d bytes", n).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> ProfileCodec.decode(Arrays.copyOf(good, good.length + 8))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nonsenseWithARightChecksumIsRefusedWithoutTakingMemoryForIt() {
    Random random = new Random(7);
    byte[] good = ProfileCodec.encode(profile);
    int refused = 0;
    for (int n = 0; n < 2000; n++) {
      byte[] bad = good.clone();
      for (int k = 0; k < 4; k++) bad[8 + random.nextInt(bad.length - 12)] = (byte) random.nextInt();
      sign(bad);
      try {
        ProfileCodec.decode(bad);
      } catch (IllegalArgumentException expected) {
        refused++;
      }
    }
    assertThat(refused).as("most changes contradict something").isGreaterThan(200);
  }

  @Test
  void anotherVersionIsRefused() {
    byte[] other = ProfileCodec.encode(profile);
    other[7]++;
    sign(other);
    assertThatThrownBy(() -> ProfileCodec.decode(other)).hasMessageContaining("version " + (ProfileCodec.VERSION + 1));
  }

  private static void sign(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    java.nio.ByteBuffer.wrap(bytes, bytes.length - 4, 4).putInt((int) crc.getValue());
  }
}
