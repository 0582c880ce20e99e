package dev.tilestream.fuzz;

import dev.tilestream.cli.ScratchDirectory;
import dev.tilestream.fleet.Tensors;
import dev.tilestream.fleet.TestFleet;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.zoo.OnnxModelBuilder;
import dev.tilestream.zoo.Value;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real node's HTTP port: whatever comes, it hangs up or answers with a status of the protocol, never 500; now and then it is asked whether
 * it still serves, and has not grown.
 */
final class NodeTarget implements FuzzTarget {
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(40), 64 << 20, 64, 1 << 30);
  private static final Set<Integer> DOCUMENTED = Set.of(200, 400, 404, 405, 408, 411, 413, 414, 415, 417, 422, 426, 429, 431, 501, 503, 504, 505);
  private static final int CONTINUE = 100;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})");
  private static final int CASES_A_LOOK = 100;
  private static final int MOST_OF_AN_ANSWER = 1 << 20;
  private static final long MOST_GROWN = 512 << 20;
  private static final ModelStatus.Port X = new ModelStatus.Port("x", DataType.FLOAT32, List.of(1L, 2L, 6L, 4L));

  private final ScratchDirectory directory;
  private final TestFleet fleet;
  private final ModelStatus model;
  private long residentAtFirst;

  NodeTarget() throws IOException {
    directory = ScratchDirectory.create("tilestream-fuzz-node-");
    OnnxModelBuilder good = new OnnxModelBuilder("good", 1).input("x", DataType.FLOAT32, 1, 2, 6, 4);
    String y = good.node("Conv", List.of("x", good.heWeights(3, 2, 3, 3)));
    good.output(y, DataType.FLOAT32, 1, 3, 4, 2);
    OnnxModelBuilder colours = new OnnxModelBuilder("colours", 2).input("x", DataType.FLOAT32, 1, 3, 8, 6);
    colours.output(colours.node("Conv", List.of("x", colours.heWeights(4, 3, 3, 3))), DataType.FLOAT32, 1, 4, 6, 4);
    TestRepository repository = new TestRepository(directory.path().resolve("models"))
        .put("good", good.toBytes()).put("colours", colours.toBytes()).config("colours", "{\"input\": {\"width\": 6, \"height\": 8}}");
    model = new ModelStatus("good", "1", ModelStatus.State.READY, "", List.of(X), List.of(new ModelStatus.Port(y, DataType.FLOAT32, List.of())));
    fleet = TestFleet.start(1, 0, repository.directory(), directory.path());
    servesOn();
  }

  @Override
  public String word() {
    return "node";
  }

  @Override
  public Bounds bounds() {
    return BOUNDS;
  }

  @Override
  public Trial draw(long seed) {
    byte[] request = new HostileRequest(new Dice(seed)).write(model);
    return new Trial(request, () -> {
      String outcome = send(request);
      if (seed % CASES_A_LOOK == 0) servesOn();
      return outcome;
    });
  }

  private String send(byte[] request) throws IOException {
    String answer;
    try (Socket socket = new Socket(fleet.node(0).http().getHost(), fleet.node(0).http().getPort())) {
      socket.setSoTimeout((int) BOUNDS.deadline().toMillis());
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      answer = new String(socket.getInputStream().readNBytes(MOST_OF_AN_ANSWER), StandardCharsets.ISO_8859_1);
    } catch (SocketException e) {
      // It may hang up while more is coming: that is an answer, too.
      return "hung up";
    }
    Matcher status = STATUS.matcher(answer);
    if (!status.lookingAt()) return answer.isEmpty() ? "hung up" : other(answer);
    int code = Integer.parseInt(status.group(1));
    if (code == CONTINUE) {
      if (!status.find()) return "hung up";
      code = Integer.parseInt(status.group(1));
    }
    if (code == 500 && oldAndChunked(request)) return "500 of Akka";
    if (!DOCUMENTED.contains(code)) return other(answer);
    return code == 200 ? Trial.TAKEN : "" + code;
  }

  /** Which Akka HTTP's parser meets with an exception of its own, before anybody of ours sees the request: 500, and an empty answer. */
  private static boolean oldAndChunked(byte[] request) {
    String text = new String(request, StandardCharsets.ISO_8859_1);
    return text.lines().findFirst().orElse("").contains("HTTP/1.0") && text.toLowerCase(Locale.ROOT).contains("transfer-encoding");
  }

  private static String other(String answer) {
    throw new AssertionError("answers " + answer.substring(0, Math.min(1000, answer.length())));
  }

  private void servesOn() throws IOException {
    try {
      Map<String, Value> inputs = Map.of("x", Value.random(X.type(), Shape.of(1, 2, 6, 4), 5));
      fleet.node(0).client().infer("good", Tensors.request(inputs), Optional.of("local"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    long resident = fleet.node(0).memory().residentBytes();
    if (residentAtFirst == 0) residentAtFirst = resident;
    if (resident - residentAtFirst > MOST_GROWN)
      throw new AssertionError("the node grew from %d to %d bytes".formatted(residentAtFirst, resident));
  }

  @Override
  public void close() {
    fleet.close();
    directory.close();
  }
}
