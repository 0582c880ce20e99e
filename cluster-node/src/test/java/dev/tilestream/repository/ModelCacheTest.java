package dev.tilestream.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {
  @TempDir Path temp;
  private ModelCache cache;
  private final byte[] model = new byte[300_000];
  private String sha256;

  @BeforeEach
  void openCache() throws IOException {
    cache = new ModelCache(temp.resolve("cache"), 1_000_000);
    new Random(7).nextBytes(model);
    sha256 = Sha256.of(model);
  }

  @Test
  void findsWhatWasStored() throws IOException {
    assertThat(cache.find(sha256)).isEmpty();
    Path file = cache.store(new ByteArrayInputStream(model), sha256, model.length);
    assertThat(file).hasBinaryContent(model);
    assertThat(cache.find(sha256)).contains(file);
    assertThat(cache.store(new ByteArrayInputStream(new byte[0]), sha256, model.length)).isEqualTo(file);
  }

  @Test
  void goesOnWhereATransferBrokeOff() throws IOException {
    try (ModelCache.Upload upload = cache.begin(sha256, model.length)) {
      upload.append(0, ByteBuffer.wrap(model, 0, 100_000));
    }
    assertThat(cache.find(sha256)).isEmpty();
    try (ModelCache.Upload upload = cache.begin(sha256, model.length)) {
      assertThat(upload.offset()).isEqualTo(100_000);
      upload.append(100_000, ByteBuffer.wrap(model, 100_000, 200_000));
      assertThat(upload.finish()).hasBinaryContent(model);
    }
  }

  @Test
  void throwsAwayContentThatIsNotWhatWasAnnounced() throws IOException {
    byte[] other = model.clone();
    other[5]++;
    assertThatThrownBy(() -> cache.store(new ByteArrayInputStream(other), sha256, model.length))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("sha-256 " + Sha256.of(other))
        .hasMessageContaining("expected: " + sha256);
    assertThat(cache.find(sha256)).isEmpty();
    assertThat(cache.store(new ByteArrayInputStream(model), sha256, model.length)).hasBinaryContent(model);
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    assertThatThrownBy(() -> cache.begin(sha256, 1_000_001)).hasMessage("model: 1000001 bytes (expected: 0 to 1000000)");
    assertThatThrownBy(() -> cache.find("../../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
    try (ModelCache.Upload upload = cache.begin(sha256, 10)) {
      assertThatThrownBy(() -> upload.append(3, ByteBuffer.wrap(model, 0, 1))).hasMessageContaining("bytes at 3 (expected: at 0)");
      assertThatThrownBy(() -> upload.append(0, ByteBuffer.wrap(model, 0, 11))).hasMessageContaining("11 bytes at 0 (expected: 10 in all)");
      assertThatThrownBy(upload::finish).hasMessageContaining("0 bytes came (expected: 10)");
    }
  }
}
