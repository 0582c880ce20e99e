package dev.tilestream.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fuzzing the decoder has found: small files that took much. */
class HostilePictureTest {
  private static final PictureInput INPUT = new PictureInput("", 4, 4, null, null, null, null, null, null);
  private static final int BEHIND_THE_HEADER = 8 + 25;

  private final BufferPool pool = BufferPool.bounded(1 << 20, 0);
  private final PicturePreprocessor preprocessor = new PicturePreprocessor(PictureLimits.DEFAULT);

  @AfterEach
  void everyBufferWasGivenBack() {
    assertThat(pool.inUse()).isZero();
  }

  private void prepare(PicturePreprocessor by, byte[] file) {
    by.prepare(new ByteArrayInputStream(file), INPUT, DataType.FLOAT32, 4, pool).tensor().release();
  }

  private static byte[] encoded(String format, int side, int type, boolean progressive) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.setOutput(out);
      writer.write(null, new IIOImage(new BufferedImage(side, side, type), null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
      deflater.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] withChunk(byte[] png, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    return ByteBuffer.allocate(png.length + 12 + data.length).put(png, 0, BEHIND_THE_HEADER)
        .putInt(data.length).put(name).put(data).putInt((int) sum.getValue())
        .put(png, BEHIND_THE_HEADER, png.length - BEHIND_THE_HEADER).array();
  }

  @ParameterizedTest
  @ValueSource(strings = {"zTXt:k\0\0", "iTXt:k\0\1\0\0\0", "iCCP:k\0\0"})
  void textsAndProfilesOfAPngAreNotInflated(String chunk) throws IOException {
    byte[] head = chunk.substring(5).getBytes(StandardCharsets.ISO_8859_1);
    byte[] bomb = deflated(new byte[64 << 20]);
    byte[] data = Arrays.copyOf(head, head.length + bomb.length);
    System.arraycopy(bomb, 0, data, head.length, bomb.length);
    // The reader skips them where there is no palette.
    byte[] file = withChunk(encoded("png", 4, BufferedImage.TYPE_BYTE_INDEXED, false), chunk.substring(0, 4), data);
    prepare(preprocessor, file);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    prepare(preprocessor, file);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16 << 20);
  }

  @Test
  void aPngsPixelsAreTheSameWithAndWithoutWhatIsNotNeeded() throws IOException {
    for (int type : new int[] {
        BufferedImage.TYPE_BYTE_INDEXED, BufferedImage.TYPE_BYTE_BINARY, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_USHORT_GRAY}) {
      byte[] plain = encoded("png", 20, type, type == BufferedImage.TYPE_INT_ARGB);
      byte[] more = withChunk(withChunk(plain, "tEXt", "a\0b".getBytes(StandardCharsets.ISO_8859_1)), "pHYs", new byte[9]);
      assertThat(new NeededChunks(new ByteArrayInputStream(more)).readAllBytes()).isEqualTo(plain);
      prepare(preprocessor, more);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MAX_VALUE, 769})
  void aChunkOfAnImpossibleLengthIsRefused(int length) throws IOException {
    byte[] file = withChunk(encoded("png", 4, BufferedImage.TYPE_INT_RGB, false), "PLTE", new byte[768]);
    ByteBuffer.wrap(file).putInt(BEHIND_THE_HEADER, length);
    assertThatThrownBy(() -> prepare(preprocessor, file)).isInstanceOf(PictureFault.class).hasMessageContaining("chunk PLTE: " + length + " bytes");
  }

  @Test
  void aJpegWithoutEndOfScansIsRefused() throws IOException {
    byte[] jpeg = encoded("jpeg", 64, BufferedImage.TYPE_3BYTE_BGR, true);
    prepare(preprocessor, jpeg);
    int scan = 0;
    while (jpeg[scan] != (byte) 0xff || jpeg[scan + 1] != (byte) 0xda) scan++;
    int end = scan + 2;
    while (jpeg[end] != (byte) 0xff || jpeg[end + 1] == 0) end++;
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, scan);
    for (int i = 0; i < 10_000; i++) many.write(jpeg, scan, end - scan);
    many.write(jpeg, scan, jpeg.length - scan);
    assertThatThrownBy(() -> prepare(preprocessor, many.toByteArray())).isInstanceOf(PictureFault.class).hasMessageContaining("more than 64 scans");
  }

  @Test
  void theMemoryOfAPictureIsClaimedWhileItIsDecodedAndNotWhenItIsTooLarge() throws IOException {
    List<Long> claims = new ArrayList<>();
    PicturePreprocessor counting = new PicturePreprocessor(new PictureLimits(100, 10_000), bytes -> {
      claims.add(bytes);
      return () -> claims.add(-bytes);
    });
    prepare(counting, encoded("png", 100, BufferedImage.TYPE_INT_RGB, false));
    prepare(counting, encoded("png", 10, BufferedImage.TYPE_USHORT_GRAY, false));
    assertThat(claims).containsExactly(60_000L, -60_000L, 500L, -500L);
    assertThatThrownBy(() -> prepare(counting, encoded("png", 101, BufferedImage.TYPE_INT_RGB, false))).isInstanceOf(PictureFault.class);
    assertThat(claims).hasSize(4);
  }

  @Test
  void whoHasNoMemoryLeftIsHeardAndTheDecoderHoldsNothing() throws IOException {
    byte[] file = encoded("jpeg", 10, BufferedImage.TYPE_3BYTE_BGR, false);
    PicturePreprocessor poor = new PicturePreprocessor(PictureLimits.DEFAULT, bytes -> {
      throw new IllegalStateException("%d bytes".formatted(bytes));
    });
    assertThatThrownBy(() -> prepare(poor, file)).isInstanceOf(IllegalStateException.class).hasMessage("600 bytes");
  }
}
