package dev.tilestream.cli.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.cli.CommandFailed;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameSourceTest {
  @TempDir Path directory;

  private static byte[] jpeg(int seed) throws IOException {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 1200; i++) image.setRGB(i % 40, i / 40, random.nextInt(1 << 24));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", out);
    return out.toByteArray();
  }

  /** The same picture with another one as a thumbnail in it, in a segment of an application. */
  private static byte[] withThumbnail(byte[] jpeg, byte[] thumbnail) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (thumbnail.length + 2 >> 8), (byte) (thumbnail.length + 2)});
    out.write(thumbnail);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  private static List<byte[]> all(FrameSource source) throws IOException {
    List<byte[]> frames = new ArrayList<>();
    for (Optional<byte[]> frame = source.next(); frame.isPresent(); frame = source.next()) frames.add(frame.get());
    return frames;
  }

  private static FrameSource jpegs(InputStream in) {
    return new JpegFrames(in);
  }

  @Test
  void jpegsOneBehindTheOtherAreCutWhereTheyEnd() throws IOException {
    List<byte[]> frames = List.of(jpeg(1), withThumbnail(jpeg(2), jpeg(3)), jpeg(4));
    ByteArrayOutputStream motion = new ByteArrayOutputStream();
    for (byte[] frame : frames) motion.write(frame);
    assertThat(all(jpegs(new ByteArrayInputStream(motion.toByteArray())))).containsExactlyElementsOf(frames);
    Path file = Files.write(directory.resolve("video.mjpeg"), motion.toByteArray());
    try (FrameSource source = FrameSource.of(file, InputStream.nullInputStream(), false)) {
      assertThat(all(source)).containsExactlyElementsOf(frames);
    }
  }

  @Test
  void ofACameraThatDoesNotWaitTheNewestIsTaken() throws Exception {
    BlockingQueue<Optional<byte[]>> shown = new LinkedBlockingQueue<>();
    NewestFrame newest = new NewestFrame(() -> {
      try {
        return shown.take();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    });
    for (int i = 0; i < 3; i++) shown.add(Optional.of(new byte[] {(byte) i}));
    Awaitility.await().until(shown::isEmpty);
    shown.add(Optional.of(new byte[] {3}));
    Awaitility.await().until(shown::isEmpty);
    List<Integer> taken = new ArrayList<>();
    shown.add(Optional.empty());
    for (Optional<byte[]> frame = newest.next(); frame.isPresent(); frame = newest.next()) taken.add((int) frame.get()[0]);
    assertThat(taken).last().isEqualTo(3);
    assertThat(taken).as("older ones are skipped").hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void whatIsNoJpegOrEndsInTheMiddleIsSaid() throws IOException {
    byte[] jpeg = jpeg(1);
    assertThatThrownBy(() -> all(jpegs(new ByteArrayInputStream("hello".getBytes())))).isInstanceOf(IOException.class)
        .hasMessageStartingWith("not a JPEG");
    for (int length : new int[] {1, 2, 30, jpeg.length / 2, jpeg.length - 1})
      assertThatThrownBy(() -> all(jpegs(new ByteArrayInputStream(Arrays.copyOf(jpeg, length))))).isInstanceOf(IOException.class);
    assertThat(all(jpegs(InputStream.nullInputStream()))).isEmpty();
  }

  @Test
  void aDirectoryIsTakenInTheOrderOfItsNamesOnceOrAgainAndAgain() throws IOException {
    for (String name : List.of("b.PNG", "a.jpg", "c.jpeg", "notes.txt")) Files.writeString(directory.resolve(name), name);
    FrameSource once = FrameSource.of(directory, InputStream.nullInputStream(), false);
    assertThat(all(once).stream().map(String::new)).containsExactly("a.jpg", "b.PNG", "c.jpeg");
    FrameSource again = FrameSource.of(directory, InputStream.nullInputStream(), true);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5; i++) names.add(new String(again.next().orElseThrow()));
    assertThat(names).containsExactly("a.jpg", "b.PNG", "c.jpeg", "a.jpg", "b.PNG");
  }

  @Test
  void anEmptyDirectoryIsNoCamera() {
    assertThatThrownBy(() -> FrameSource.of(directory, InputStream.nullInputStream(), true)).isInstanceOf(CommandFailed.class)
        .hasMessageEndingWith("no pictures (expected: files that end in .jpg, .jpeg or .png)");
    assertThatThrownBy(() -> FrameSource.of(directory.resolve("none"), InputStream.nullInputStream(), true)).isInstanceOf(CommandFailed.class);
  }
}
