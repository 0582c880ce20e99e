package dev.tilestream.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatTest {
  @Test
  void everyFloat16SurvivesTheWayThroughFloat32() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfFloat.fromFloat16((short) bits);
      if (Float.isNaN(value)) assertThat(HalfFloat.fromFloat16(HalfFloat.toFloat16(value))).isNaN();
      else assertThat(HalfFloat.toFloat16(value)).as("bits %04x", bits).isEqualTo((short) bits);
    }
  }

  @Test
  void everyBfloat16SurvivesTheWayThroughFloat32() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfFloat.fromBfloat16((short) bits);
      if (Float.isNaN(value)) assertThat(HalfFloat.fromBfloat16(HalfFloat.toBfloat16(value))).isNaN();
      else assertThat(HalfFloat.toBfloat16(value)).as("bits %04x", bits).isEqualTo((short) bits);
    }
  }

  @Test
  void knownValuesHaveTheirKnownBits() {
    assertThat(HalfFloat.toFloat16(1f)).isEqualTo((short) 0x3c00);
    assertThat(HalfFloat.toFloat16(-2f)).isEqualTo((short) 0xc000);
    assertThat(HalfFloat.toFloat16(65504f)).isEqualTo((short) 0x7bff);
    assertThat(HalfFloat.toFloat16(0x1p-24f)).isEqualTo((short) 1);
    assertThat(HalfFloat.toBfloat16(1f)).isEqualTo((short) 0x3f80);
  }

  @Test
  void roundsToTheNearestNeighbourAndTiesToEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = HalfFloat.fromFloat16((short) bits);
      float high = HalfFloat.fromFloat16((short) (bits + 1));
      float middle = (low + high) / 2;
      assertThat(HalfFloat.toFloat16(middle)).as("middle above %04x", bits).isEqualTo((short) (bits + (bits & 1)));
      assertThat(HalfFloat.toFloat16(Math.nextDown(middle))).as("below the middle above %04x", bits).isEqualTo((short) bits);
      assertThat(HalfFloat.toFloat16(Math.nextUp(middle))).as("above the middle above %04x", bits).isEqualTo((short) (bits + 1));
    }
    assertThat(HalfFloat.toFloat16(65520f)).as("half-way to the number that is not there").isEqualTo((short) 0x7c00);
    assertThat(HalfFloat.toFloat16(Math.nextDown(65520f))).isEqualTo((short) 0x7bff);
  }
}
