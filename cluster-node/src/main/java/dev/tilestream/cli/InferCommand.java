package dev.tilestream.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.cli.client.Wanted;
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

/** One inference on a picture. */
@Command(name = "infer", description = "Runs one inference on a picture.", mixinStandardHelpOptions = true)
final class InferCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private NodeOption node;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model that takes pictures: its config.json says how.")
  private String model;

  @Parameters(index = "1", paramLabel = "PICTURE", description = "A JPEG or PNG file.")
  private Path picture;

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
