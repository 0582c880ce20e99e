package dev.tilestream.graph.logged;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.graph.logged.LoggedOperator.Kind;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Reads a log from JSON. The file need not be trusted: sizes, ranges, order and references are checked. Unknown keys are passed over. */
public final class LoggedModelReader {
  private static final long MAX_BYTES = 32L << 20;
  private static final int MAX_OPERATORS = 20_000;
  private static final int MAX_DEPTH = 6;
  private static final int MAX_WINDOW = 4096;

  private LoggedModelReader() {}

  /** @throws ProfileRefused when there is no such file or it is none of a log */
  public static LoggedModel read(Path file) {
    String name = file.getFileName().toString();
    return read(name.endsWith(".json") ? name.substring(0, name.length() - 5) : name, BoundedJson.bytes(file, MAX_BYTES));
  }

  static LoggedModel read(String name, byte[] bytes) {
    Fields top = new Fields(name, BoundedJson.object(name, bytes, MAX_DEPTH));
    List<LoggedOperator> operators = new ArrayList<>();
    for (JsonNode n : top.array("ops", MAX_OPERATORS)) {
      if (!n.isObject()) throw new ProfileRefused("%s: operator %d is no object".formatted(name, operators.size()));
      operators.add(operator(new Fields(name + ", operator " + operators.size(), n), operators.size()));
    }
    requireEnds(name, operators);
    double robot = top.millis("robot_forward_ms");
    if (!(robot > 0)) throw new ProfileRefused("%s: \"robot_forward_ms\" is %s (expected: above 0)".formatted(name, robot));
    long max = 1L << 40;
    return new LoggedModel(name, sha256(bytes), top.text("model", 100), top.text("source", 100), robot, top.millis("server_forward_ms"),
        top.integer("input_bytes", 1, max), top.integer("output_bytes", 1, max), operators);
  }

  private static void requireEnds(String name, List<LoggedOperator> operators) {
    int last = operators.size() - 1;
    for (LoggedOperator o : operators)
      if (o.op().equals(LoggedOperator.START) != (o.id() == 0) || o.op().equals(LoggedOperator.END) != (o.id() == last))
        throw new ProfileRefused(
            "%s: operator %d is %s (expected: the first is %s, the last %s)"
                .formatted(name, o.id(), o.op(), LoggedOperator.START, LoggedOperator.END));
    if (operators.size() < 3) throw new ProfileRefused("%s: %d operators (expected: at least 3)".formatted(name, operators.size()));
  }

  private static LoggedOperator operator(Fields f, int position) {
    int id = (int) f.integer("id", position, position);
    double robot = f.millis("robot_ms");
    if (Double.isNaN(robot)) throw new ProfileRefused(f.where() + ": has no \"robot_ms\"");
    int before = position - 1;
    List<Integer> inputs = f.integers("inputs", 256, 0, before);
    List<Integer> reads = f.has("data_inputs") ? f.integers("data_inputs", 256, 0, before) : null;
    Kind kind = f.has("kind") ? kind(f) : null;
    if (position > 0 && (inputs.isEmpty() || reads != null && reads.isEmpty()))
      throw new ProfileRefused(f.where() + ": reads nothing (expected: another operator's result)");
    return new LoggedOperator(id, f.text("op", 60), inputs, reads, f.shapes("shapes"), kind, f.integerOr("row_axis", 0, 7, -1),
        f.has("kernel") || f.has("stride") || f.has("upsample") ? window(f) : LoggedWindow.SAME, f.flag("data_dependent"), robot,
        f.millis("server_ms"));
  }

  private static Kind kind(Fields f) {
    String word = f.text("kind", 20);
    return switch (word) {
      case "local" -> Kind.LOCAL;
      case "global" -> Kind.GLOBAL;
      case "shape-only" -> Kind.SHAPE_ONLY;
      default -> throw new ProfileRefused("%s: \"kind\" is %s (expected: local, global or shape-only)".formatted(f.where(), word));
    };
  }

  private static LoggedWindow window(Fields f) {
    List<Integer> kernel = pair(f, "kernel", 1, 1);
    long taps = (long) kernel.get(0) * kernel.get(1) * f.integerOr("kernel_d", 1, MAX_WINDOW, 1);
    return new LoggedWindow(
        kernel.get(0), pair(f, "stride", 1, 1).get(0), pair(f, "padding", 0, 0).get(0), pair(f, "dilation", 1, 1).get(0),
        f.integerOr("row_offset", 0, MAX_WINDOW, 0), pair(f, "upsample", 1, 1).get(0), f.flag("transposed"),
        f.integerOr("groups", 1, 1 << 20, 1), taps);
  }

  /** Of rows and columns. */
  private static List<Integer> pair(Fields f, String name, int min, int otherwise) {
    if (!f.has(name)) return List.of(otherwise, otherwise);
    List<Integer> pair = f.integers(name, 2, min, MAX_WINDOW);
    if (pair.size() != 2)
      throw new ProfileRefused("%s: \"%s\" is %s (expected: two numbers, rows and columns)".formatted(f.where(), name, pair));
    return pair;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
