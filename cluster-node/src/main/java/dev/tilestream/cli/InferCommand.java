package dev.tilestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.cli.camera.CameraRun;
import dev.tilestream.cli.camera.FrameSource;
import dev.tilestream.client.FrameAnswer;
import dev.tilestream.client.Wanted;
import dev.tilestream.graph.Horizon;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.WrittenObjective;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One inference on a picture, or one on each frame of a camera. */
@Command(
    name = "infer", description = "Runs one inference on a picture, or one on each frame of a camera.", mixinStandardHelpOptions = true,
    footer = {
      "%nExamples:",
      "  tilestream infer detector street.jpg --strategy hybrid",
      "  tilestream infer detector --camera frames/ --rate 15",
      "  ffmpeg -i /dev/video0 -f mjpeg - | tilestream infer detector --camera - --rate 30 --json"})
final class InferCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private NodeOption node;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model that takes pictures: its config.json says how.")
  private String model;

  @Parameters(index = "1", arity = "0..1", paramLabel = "PICTURE", description = "A JPEG or PNG file.")
  private Path picture;

  @Option(
      names = "--camera", paramLabel = "SOURCE",
      description = "Instead of a picture: a directory of them, in the order of their names; a file of JPEGs one behind the other (Motion JPEG);"
          + " or - for these from standard input.")
  private Path camera;

  @Option(
      names = "--rate", paramLabel = "HZ", defaultValue = "15",
      description = "Frames a second that --camera sends; what comes faster than it is computed is dropped for newer ones, and said. "
          + "Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(names = "--frames", paramLabel = "N", description = "Of --camera: a directory begins anew until it has sent so many. Default: all, once.")
  private Long frames;

  @Option(
      names = "--window", paramLabel = "N",
      description = "Of --camera: frames under way at a time, 1 to 8. Default: one, or more where that gains throughput.")
  private Integer window;

  @Option(names = "--strategy", paramLabel = "S", description = "One of: ${COMPLETION-CANDIDATES}. Default: the model's.")
  private Strategy strategy;

  @Option(
      names = "--objective", paramLabel = "O",
      description = "What the plan is chosen for: latency, energy or energy:200ms (least joules within a deadline),"
          + " weighted:PER_SECOND,PER_JOULE, throughput or throughput:FRAMES. Default: the model's.")
  private WrittenObjective objective;

  @Option(
      names = "--halo", paramLabel = "N",
      description = "Rows that devices see beyond their share; answers are not exact then. Default: the model's, else all they need.")
  private Integer halo;

  @Option(names = "--json", description = "Print the node's whole answer.")
  private boolean json;

  @Override
  public void run() {
    if (halo != null && (halo < 0 || halo > Horizon.MOST))
      throw new ParameterException(spec.commandLine(), "--halo: %d (expected: 0 to %d rows)".formatted(halo, Horizon.MOST));
    if ((picture == null) == (camera == null))
      throw new ParameterException(spec.commandLine(), "PICTURE, --camera: %s (expected: one of them)".formatted(picture == null ? "none" : "both"));
    if (camera != null) stream();
    else infer();
  }

  private void stream() {
    if (!(rate > 0 && rate <= 1000)) throw new ParameterException(spec.commandLine(), "--rate: %s (expected: above 0, at most 1000)".formatted(rate));
    if (frames != null && frames < 1) throw new ParameterException(spec.commandLine(), "--frames: %d (expected: at least 1)".formatted(frames));
    if (window != null && (window < 1 || window > 8))
      throw new ParameterException(spec.commandLine(), "--window: %d (expected: 1 to 8)".formatted(window));
    PrintWriter out = spec.commandLine().getOut();
    CameraRun run = new CameraRun(rate, frames == null ? Long.MAX_VALUE : frames, window == null ? OptionalInt.empty() : OptionalInt.of(window));
    try (FrameSource source = FrameSource.of(camera, System.in, frames != null)) {
      CameraRun.Figures figures = node.call(n -> run.run(n, model, wanted(), source, answer -> show(answer, out)));
      out.print(json ? figures.json() + "\n" : figures.text());
      out.flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed("interrupted", e);
    } catch (IOException e) {
      throw new CommandFailed("%s: %s".formatted(camera, e), e);
    }
  }

  private void show(FrameAnswer answer, PrintWriter out) {
    if (json) out.println(answer.message());
    else if (answer.error().isPresent()) out.printf("frame %d: %s%n", answer.frame(), answer.error().get());
    out.flush();
  }

  private void infer() {
    byte[] bytes = read();
    String type = contentType(bytes);
    JsonNode answer;
    try {
      answer = node.call(n -> n.inferPicture(model, bytes, type, wanted()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed("interrupted", e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? answer + "\n" : AnswerText.of(answer));
    out.flush();
  }

  private Wanted wanted() {
    return new Wanted(
        Optional.ofNullable(strategy).map(Strategy::word), halo == null ? OptionalInt.empty() : OptionalInt.of(halo),
        Optional.ofNullable(objective).map(WrittenObjective::text), false);
  }

  private byte[] read() {
    try {
      return Files.readAllBytes(picture);
    } catch (IOException e) {
      throw new CommandFailed("%s cannot be read: %s".formatted(picture, e), e);
    }
  }

  /** By what the file is, whatever it is called. */
  private String contentType(byte[] bytes) {
    if (bytes.length > 2 && (bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == 0xd8) return "image/jpeg";
    if (bytes.length > 3 && (bytes[0] & 0xff) == 0x89 && bytes[1] == 'P' && bytes[2] == 'N' && bytes[3] == 'G') return "image/png";
    throw new CommandFailed("%s is neither JPEG nor PNG".formatted(picture));
  }
}
