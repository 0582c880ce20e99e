package dev.tilestream.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tilestream.cli.camera.CameraRun;
import dev.tilestream.cli.camera.FrameSource;
import dev.tilestream.client.FrameAnswer;
import dev.tilestream.client.Wanted;
import dev.tilestream.zoo.SharedData;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A camera at 30 frames a second, from a slow robot over 40 Mbit/s. */
class CameraStreamIT {
  private static final int FRAMES = 2000;
  /** Several times what a frame takes: what a queue would grow to is a minute. */
  private static final Duration OLDEST = Duration.ofSeconds(5);

  @TempDir Path directory;

  @Test
  void twoThousandFramesAreEachAnsweredOrToldOfAndNoneGrowsOld() throws Exception {
    assumeThat(SharedData.present()).as(SharedData.absence()).isTrue();
    TestRepository repository = new TestRepository(directory.resolve("models"))
        .put("fastestdet", SharedData.path("models", "fastestdet-352.onnx")).config("fastestdet", TestRepository.FASTESTDET_CONFIG);
    Path camera = Files.createDirectories(directory.resolve("camera"));
    for (String picture : List.of("street.jpg", "scene-1.jpg")) Files.copy(SharedData.path("images", picture), camera.resolve(picture));
    Queue<FrameAnswer> answers = new ConcurrentLinkedQueue<>();
    try (TestFleet fleet = TestFleet.start(1, 1, repository.directory(), directory, "--robot-speed", "0.2", "--rate", "40mbit");
        FrameSource source = FrameSource.of(camera, InputStream.nullInputStream(), true)) {
      CameraRun run = new CameraRun(30, FRAMES, OptionalInt.empty());
      CameraRun.Figures figures = run.run(fleet.node(0).client(), "fastestdet", Wanted.by(Optional.empty()), source, answers::add);
      System.out.print(figures.text());
      assertThat(figures.sent()).isEqualTo(FRAMES);
      assertThat(figures.lost()).isZero();
      assertThat(answers).allMatch(answer -> answer.error().isEmpty());
      assertThat(answers.stream().mapToLong(FrameAnswer::dropped).sum()).isEqualTo(figures.node().path("dropped").asLong());
      assertThat(figures.agesMillis()[figures.agesMillis().length - 1]).isLessThan(OLDEST.toMillis());
    }
  }
}
