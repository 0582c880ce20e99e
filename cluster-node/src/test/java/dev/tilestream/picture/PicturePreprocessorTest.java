package dev.tilestream.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.picture.PictureInput.ChannelOrder;
import dev.tilestream.picture.PictureInput.Layout;
import dev.tilestream.picture.PictureInput.Resize;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.HalfFloat;
import dev.tilestream.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PicturePreprocessorTest {
  private final BufferPool pool = BufferPool.bounded(1 << 24, 0);
  private final PicturePreprocessor preprocessor = new PicturePreprocessor(new PictureLimits(100, 5000));

  @AfterEach
  void everyBufferWasGivenBack() {
    assertThat(pool.inUse()).isZero();
  }

  @Test
  void sameSizeKeepsEveryPixelInItsPlane() throws IOException {
    BufferedImage image = noise(7, 5, BufferedImage.TYPE_INT_RGB);
    float[] values = floats(png(image), input(7, 5, Layout.NCHW, ChannelOrder.RGB, Resize.STRETCH), 4);
    for (int y = 0; y < 5; y++)
      for (int x = 0; x < 7; x++)
        for (int c = 0; c < 3; c++) assertThat(values[(c * 5 + y) * 7 + x]).isEqualTo(image.getRGB(x, y) >> 16 - 8 * c & 0xff);
  }

  @Test
  void layoutAndChannelOrderOnlyPermute() throws IOException {
    byte[] file = png(noise(6, 4, BufferedImage.TYPE_3BYTE_BGR));
    float[] rgb = floats(file, input(3, 3, Layout.NCHW, ChannelOrder.RGB, Resize.STRETCH), 4);
    float[] last = floats(file, input(3, 3, Layout.NHWC, ChannelOrder.BGR, Resize.STRETCH), 3);
    for (int pixel = 0; pixel < 9; pixel++)
      for (int c = 0; c < 3; c++) assertThat(last[pixel * 3 + 2 - c]).isEqualTo(rgb[c * 9 + pixel]);
  }

  @Test
  void halvingAveragesTheFourPixelsUnderEachOne() throws IOException {
    BufferedImage image = noise(4, 2, BufferedImage.TYPE_INT_RGB);
    float[] values = floats(png(image), input(2, 1, Layout.NCHW, ChannelOrder.RGB, Resize.STRETCH), 4);
    for (int x = 0; x < 2; x++) {
      double mean = 0;
      for (int i = 0; i < 4; i++) mean += (image.getRGB(2 * x + i % 2, i / 2) & 0xff) / 4.0;
      assertThat((double) values[4 + x]).as("whole, as bytes are").isEqualTo(Math.floor(mean + 0.5));
    }
  }

  @Test
  void normalisesByMeanThenScaleInTheModelsChannelOrder() throws IOException {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x102030);
    PictureInput input = new PictureInput("", 1, 1, Layout.NCHW, ChannelOrder.BGR, List.of(8.0, 4.0, 2.0), List.of(0.5, 1.0, 2.0), null, null);
    assertThat(floats(png(image), input, 4)).containsExactly((0x30 - 8) * 0.5f, 0x20 - 4, (0x10 - 2) * 2f);
  }

  @Test
  void letterboxKeepsTheAspectAndTellsWherePointsWent() throws IOException {
    BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 32; i++) image.setRGB(i % 8, i / 8, 0xffffff);
    PictureInput input = input(8, 8, Layout.NCHW, ChannelOrder.GRAY, Resize.LETTERBOX);
    float[] values = floats(png(image), input, 4);
    for (int y = 0; y < 8; y++) assertThat(values[y * 8 + 3]).as("row %d", y).isCloseTo(y < 2 || y >= 6 ? 114 : 255, within(1e-3f));
    PreparedPicture prepared = preprocessor.prepare(new ByteArrayInputStream(png(image)), input, DataType.UINT8, 4, pool);
    prepared.tensor().release();
    assertThat(prepared.placement().pictureX(4)).isEqualTo(4);
    assertThat(prepared.placement().pictureY(2)).isEqualTo(0);
    assertThat(prepared.placement().pictureY(6)).isEqualTo(4);
  }

  @Test
  void grayFilesKeepTheirNumbers() throws IOException {
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_GRAY);
    int[] levels = {0, 40, 128, 255};
    for (int x = 0; x < 4; x++) image.getRaster().setSample(x, 0, 0, levels[x]);
    float[] values = floats(png(image), input(4, 1, Layout.NCHW, ChannelOrder.RGB, Resize.STRETCH), 4);
    assertThat(values).containsExactly(0, 40, 128, 255, 0, 40, 128, 255, 0, 40, 128, 255);
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT32", "FLOAT16", "BFLOAT16", "FLOAT64", "UINT8", "INT8", "INT32"})
  void storesInTheTypeOfTheInput(DataType type) throws IOException {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x40ff02);
    PictureInput input = new PictureInput("", 1, 1, null, null, null, null, null, null);
    PreparedPicture prepared = preprocessor.prepare(new ByteArrayInputStream(png(image)), input, type, 4, pool);
    ByteBuffer data = prepared.tensor().data();
    double[] expected = {0x40, type == DataType.INT8 ? 127 : 0xff, 2};
    assertThat(prepared.tensor().shape()).isEqualTo(Shape.of(1, 3, 1, 1));
    for (int i = 0; i < 3; i++) assertThat(read(data, type, i)).isEqualTo(expected[i]);
    prepared.tensor().release();
  }

  @Test
  void refusesATypeThatIsNotForPictures() throws IOException {
    byte[] file = png(noise(2, 2, BufferedImage.TYPE_INT_RGB));
    PictureInput input = input(2, 2, Layout.NCHW, ChannelOrder.RGB, Resize.STRETCH);
    assertThatThrownBy(() -> preprocessor.prepare(new ByteArrayInputStream(file), input, DataType.BOOL, 4, pool))
        .hasMessageStartingWith("picture input: BOOL (expected: FP32");
  }

  @Test
  void refusesWhatIsTooLargeBeforeDecodingIt() throws IOException {
    byte[] wide = png(noise(101, 1, BufferedImage.TYPE_INT_RGB));
    assertThatThrownBy(() -> decode(wide)).isInstanceOf(PictureFault.class).hasMessageContaining("101 x 1 pixels (expected: at most 100 on a side");
    byte[] bomb = png(noise(4, 4, BufferedImage.TYPE_INT_RGB));
    // Width and height of the header chunk, with a checksum that fits: claims 64 Ki x 64 Ki pixels.
    ByteBuffer.wrap(bomb).putInt(16, 65_536).putInt(20, 65_536);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(bomb, 12, 17);
    ByteBuffer.wrap(bomb).putInt(29, (int) crc.getValue());
    assertThatThrownBy(() -> decode(bomb)).isInstanceOf(PictureFault.class).hasMessageContaining("65536 x 65536 pixels");
  }

  @Test
  void refusesWhatIsBroken() throws IOException {
    byte[] png = png(noise(30, 30, BufferedImage.TYPE_INT_RGB));
    byte[] jpeg = file(noise(30, 30, BufferedImage.TYPE_INT_RGB), "jpg");
    for (byte[] broken : List.of(new byte[0], "hello there".getBytes(), half(png), half(jpeg), Arrays.copyOf(jpeg, 12), Arrays.copyOf(png, 20)))
      assertThatThrownBy(() -> decode(broken)).isInstanceOf(PictureFault.class).hasMessageStartingWith("picture: ");
  }

  @Test
  void neverFailsInAnotherWayWhateverComes() throws IOException {
    Random random = new Random(11);
    for (byte[] file : List.of(png(noise(20, 20, BufferedImage.TYPE_INT_RGB)), file(noise(20, 20, BufferedImage.TYPE_INT_RGB), "jpg"))) {
      for (int round = 0; round < 2000; round++) {
        byte[] mutated = file.clone();
        for (int i = random.nextInt(4); i >= 0; i--) mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
        try {
          decode(mutated);
        } catch (PictureFault expected) {
          assertThat(expected).hasMessageStartingWith("picture: ");
        }
      }
    }
  }

  private void decode(byte[] file) {
    PictureInput input = input(2, 2, Layout.NCHW, ChannelOrder.RGB, Resize.STRETCH);
    preprocessor.prepare(new ByteArrayInputStream(file), input, DataType.FLOAT32, 4, pool).tensor().release();
  }

  private float[] floats(byte[] file, PictureInput input, int rank) {
    PreparedPicture prepared = preprocessor.prepare(new ByteArrayInputStream(file), input, DataType.FLOAT32, rank, pool);
    float[] values = new float[(int) prepared.tensor().shape().elements()];
    prepared.tensor().data().asFloatBuffer().get(values);
    prepared.tensor().release();
    return values;
  }

  private static double read(ByteBuffer data, DataType type, int i) {
    return switch (type) {
      case FLOAT32 -> data.getFloat(i * 4);
      case FLOAT64 -> data.getDouble(i * 8);
      case FLOAT16 -> HalfFloat.fromFloat16(data.getShort(i * 2));
      case BFLOAT16 -> HalfFloat.fromBfloat16(data.getShort(i * 2));
      case UINT8 -> data.get(i) & 0xff;
      case INT8 -> data.get(i);
      default -> data.getInt(i * 4);
    };
  }

  private static PictureInput input(int width, int height, Layout layout, ChannelOrder order, Resize resize) {
    return new PictureInput("", width, height, layout, order, null, null, resize, null);
  }

  private static BufferedImage noise(int width, int height, int type) {
    Random random = new Random(width * 31L + height);
    BufferedImage image = new BufferedImage(width, height, type);
    for (int i = 0; i < width * height; i++) image.setRGB(i % width, i / width, random.nextInt(1 << 24));
    return image;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    return file(image, "png");
  }

  private static byte[] file(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private static byte[] half(byte[] file) {
    return Arrays.copyOf(file, file.length / 2);
  }
}
