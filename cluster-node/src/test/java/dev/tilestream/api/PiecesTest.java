package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;

import akka.util.ByteString;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PiecesTest {
  @Test
  void whateverThePiecesTheWholeIsTheSame() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      byte[] bytes = new byte[random.nextInt(100_000)];
      random.nextBytes(bytes);
      int most = new int[] {1, 10, 3000, 50_000}[round % 4];
      Pieces pieces = new Pieces();
      for (int at = 0; at < bytes.length; ) {
        int n = Math.min(random.nextInt(most + 1), bytes.length - at);
        pieces.add(ByteString.fromArray(bytes, at, n));
        at += n;
        assertThat(pieces.size()).isEqualTo(at);
      }
      assertThat(pieces.whole().toArray()).isEqualTo(bytes);
      assertThat(pieces.whole().size()).as("asked again").isEqualTo(bytes.length);
    }
  }

  @Test
  void aBodyThatComesByteByByteIsKeptInLargeBlocks() {
    Pieces pieces = new Pieces();
    for (int i = 0; i < 1_000_000; i++) pieces.add(ByteString.fromArray(new byte[] {(byte) i}));
    assertThat(pieces.whole().getByteBuffers()).hasSizeLessThan(100);
  }

  @Test
  void whatIsClearedIsEmptyAndTakesMore() {
    Pieces pieces = new Pieces();
    pieces.add(ByteString.fromString("gone"));
    pieces.clear();
    assertThat(pieces.size()).isZero();
    pieces.add(ByteString.fromString("new"));
    assertThat(pieces.whole().utf8String()).isEqualTo("new");
  }
}
