package dev.tilestream.cli.camera;

import dev.tilestream.cli.CommandFailed;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a camera's frames come from. */
public interface FrameSource extends AutoCloseable {
  /** Standard input. */
  Path STANDARD_INPUT = Path.of("-");

  /** The next frame, a picture file; empty: there are no more. */
  Optional<byte[]> next() throws IOException;

  @Override
  default void close() throws IOException {}

  /**
   * @param source a directory of JPEG and PNG files, taken in the order of their names; or a file, or {@link #STANDARD_INPUT}, of JPEGs one
   *     behind the other, as {@code ffmpeg -f mjpeg} writes them; of standard input the newest, since a camera does not wait
   * @param again whether a directory begins anew when it is through
   * @throws CommandFailed when there is no frame
   */
  static FrameSource of(Path source, InputStream standardInput, boolean again) {
    try {
      if (Files.isDirectory(source)) return directory(source, again);
      if (source.equals(STANDARD_INPUT)) return new NewestFrame(new JpegFrames(new BufferedInputStream(standardInput)));
      return new JpegFrames(new BufferedInputStream(Files.newInputStream(source)));
    } catch (IOException e) {
      throw new CommandFailed("%s cannot be read: %s".formatted(source, e), e);
    }
  }

  private static FrameSource directory(Path source, boolean again) throws IOException {
    List<Path> pictures;
    try (Stream<Path> files = Files.list(source)) {
      pictures = files.filter(file -> file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png)")).sorted().toList();
    }
    if (pictures.isEmpty()) throw new CommandFailed("%s: no pictures (expected: files that end in .jpg, .jpeg or .png)".formatted(source));
    int[] at = {0};
    return () -> {
      if (at[0] == pictures.size() && again) at[0] = 0;
      return at[0] == pictures.size() ? Optional.empty() : Optional.of(Files.readAllBytes(pictures.get(at[0]++)));
    };
  }
}
