package dev.tilestream.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ModelRecordTest {
  private static final String SHA = "ab".repeat(32);

  private static ModelRecord record(String name, String version, String sha256, long size, int config) {
    return new ModelRecord(name, version, sha256, size, new byte[config]);
  }

  @Test
  void peersCannotNameWhatLeadsOutOfADirectoryOrFitsNoMessage() {
    assertThat(record("m", "1", SHA, 5, 3).id()).hasToString("m/1");
    assertThatThrownBy(() -> record("../m", "1", SHA, 5, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> record(null, "1", SHA, 5, 0)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> record("m", "../1", SHA, 5, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> record("m", "1", "../" + SHA, 5, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> record("m", "1", SHA, -5, 0)).hasMessageContaining("-5 bytes");
    assertThatThrownBy(() -> record("m", "1", SHA, 5, (256 << 10) + 1)).hasMessageContaining("expected: at most 262144");
  }
}
