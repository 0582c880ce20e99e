package dev.tilestream.fuzz;

import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.DataType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Writes the JSON of an inference request for a model: right at first, then wrong here and there. Fields come in any order, are missing,
 * twice, of another type, or far too much.
 */
final class HostileJson {
  private static final List<String> STRATEGIES = List.of("local", "offload", "layer", "energy", "even", "published", "hybrid", "", "best", "\\u0000");
  private static final List<String> OBJECTIVES =
      List.of("latency", "energy", "energy:300ms", "weighted:1,2", "throughput:3", "throughput:0", "energy:-1s", "weighted:1e999,NaN", ":");
  private static final List<String> NUMBERS = List.of(
      "0", "-0", "1", "-1", "1.5", "1e3", "1E-7", "3.4028236e38", "1e39", "1e308", "1e309", "1e-999", "1e999999999", "-1e400", "65504", "65520",
      "127", "128", "255", "256", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
      "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "0.1e", "01", "+1", ".5", "5.", "-", "NaN", "Infinity",
      "0x10", "1_000");
  private static final List<String> TEXTS = List.of(
      "NaN", "Infinity", "-Infinity", "", "x", "%s%n%d", "../../etc/passwd", "\\u0000", "\\ud800", "\\", "\\uZZZZ", "\u00e9",
      "\ud83d\ude80", "a\\tb");

  private final Dice dice;
  private final ModelStatus model;
  /** How often something is wrong. */
  private final double wrong;
  private final boolean binary;
  private long binaryBytes;

  /** @param binary whether inputs may leave their bytes to what follows the JSON */
  HostileJson(Dice dice, ModelStatus model, boolean binary) {
    this.dice = dice;
    this.model = model;
    this.binary = binary;
    wrong = dice.oneOf(0.0, 0.0, 0.01, 0.03, 0.1);
  }

  byte[] write() {
    List<String> fields = new ArrayList<>();
    fields.add(field("inputs", inputs()));
    if (dice.chance(0.3)) fields.add(field("id", text("7")));
    if (dice.chance(0.3)) fields.add(field("parameters", parameters()));
    if (dice.chance(0.3)) fields.add(field("outputs", outputs()));
    if (!flawless() && dice.chance(0.1)) fields.add(field("extension", anything(0)));
    String json = object(fields);
    if (!flawless() && dice.chance(0.003)) json = dice.oneOf("[", "{\"a\":").repeat(dice.between(1, 50_000)) + json;
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether nothing is wrong. */
  boolean flawless() {
    return wrong == 0;
  }

  /** That the right inputs ask for behind the JSON. */
  long binaryBytes() {
    return binaryBytes;
  }

  private String field(String name, String value) {
    return (oops() ? anything(3) : "\"" + name + "\"") + (oops() ? dice.oneOf("", "::", ",") : ":") + (oops() ? anything(0) : value);
  }

  /** In any order; now and then one is missing or twice. */
  private String object(List<String> fields) {
    List<String> drawn = new ArrayList<>(fields);
    for (int i = drawn.size() - 1; i > 0; i--) Collections.swap(drawn, i, dice.below(i + 1));
    if (oops() && !drawn.isEmpty()) drawn.remove(dice.below(drawn.size()));
    if (oops() && !drawn.isEmpty()) drawn.add(dice.one(drawn));
    return "{" + String.join(oops() ? dice.oneOf("", ",,", ";") : ",", drawn) + (oops() ? dice.oneOf("", "]", ",}") : "}");
  }

  private String inputs() {
    List<String> inputs = new ArrayList<>();
    for (Port port : model.inputs()) inputs.add(input(port));
    if (oops()) inputs.add(dice.chance(0.5) && !inputs.isEmpty() ? dice.one(inputs) : anything(1));
    return "[" + String.join(",", inputs) + "]";
  }

  private String input(Port port) {
    DataType type = port.type() == null ? DataType.FLOAT32 : port.type();
    List<Long> dims = new ArrayList<>();
    for (long d : port.shape()) dims.add(d >= 0 ? d : (long) dice.between(0, 6));
    long elements = dims.stream().reduce(1L, (a, b) -> a * b);
    if (oops() && !dims.isEmpty()) dims.set(0, dice.extreme());
    if (oops()) dims.add(dice.extreme());
    List<String> fields = new ArrayList<>();
    fields.add(field("name", text(port.name())));
    fields.add(field("datatype", text(type.protocolName())));
    fields.add(field("shape", dims.toString()));
    boolean behind = binary && dice.chance(0.6);
    if (behind) {
      fields.add(field("parameters", object(List.of(field("binary_data_size", whole(elements * type.bytes()))))));
      binaryBytes += elements * type.bytes();
    }
    if (!behind || oops()) fields.add(field("data", data(type, dims, elements)));
    return object(fields);
  }

  private String data(DataType type, List<Long> dims, long elements) {
    if (dims.isEmpty() && dice.chance(0.5)) return element(type);
    int last = dims.isEmpty() ? 0 : (int) Math.max(1, Math.min(elements, dims.get(dims.size() - 1)));
    boolean nested = dims.size() == 2 && dice.chance(0.3);
    StringBuilder data = new StringBuilder("[");
    for (int i = 0; i < elements; i++) {
      if (nested && i % last == 0) data.append(i == 0 ? "[" : "],[");
      else if (i > 0) data.append(',');
      data.append(element(type));
    }
    if (nested && elements > 0) data.append(']');
    if (oops()) data.append(",").append(anything(0));
    return data.append(']').toString();
  }

  private String element(DataType type) {
    if (oops()) return anything(2);
    return switch (type) {
      case BOOL -> dice.oneOf("true", "false", "0", "1");
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> dice.chance(0.02) ? dice.oneOf("\"NaN\"", "\"Infinity\"", "\"-Infinity\"")
          : String.format(Locale.ROOT, "%.3f", dice.fraction() * 100 - 50);
      default -> "" + dice.between(0, 127);
    };
  }

  private String parameters() {
    return object(List.of(
        field("strategy", text(anyOf(STRATEGIES, 7))), field("deadline_ms", whole(dice.between(1, 1000))), field("halo", whole(dice.between(0, 9))),
        field("objective", text(anyOf(OBJECTIVES, 5))), field("timeline", "" + dice.chance(0.5)),
        field("sequence_id", dice.chance(0.5) ? text("s") : whole(5)), field("binary_data_output", "" + dice.chance(0.5))));
  }

  /** The first {@code right} of them are. */
  private String anyOf(List<String> words, int right) {
    return words.get(dice.below(flawless() ? right : words.size()));
  }

  private String outputs() {
    List<String> outputs = new ArrayList<>();
    for (Port port : model.outputs())
      outputs.add(object(List.of(field("name", text(port.name())), field("parameters", "{\"binary_data\":" + dice.chance(0.5) + "}"))));
    return "[" + String.join(",", outputs) + "]";
  }

  private String whole(long right) {
    return oops() ? dice.chance(0.5) ? "" + dice.extreme() : dice.one(NUMBERS) : "" + right;
  }

  private String text(String right) {
    return oops() ? anything(0) : "\"" + right + "\"";
  }

  private boolean oops() {
    return dice.chance(wrong);
  }

  /** Any value at all, and now and then one that is far too long. */
  private String anything(int depth) {
    if (dice.chance(0.02)) return tooMuch();
    return switch (dice.below(depth < 3 ? 8 : 6)) {
      case 0, 1 -> dice.one(NUMBERS);
      case 2 -> "" + dice.extreme();
      case 3, 4 -> "\"" + dice.one(TEXTS) + "\"";
      case 5 -> dice.oneOf("true", "false", "null", "", "nul");
      case 6 -> "[" + anything(depth + 1) + "," + anything(depth + 1) + "]";
      default -> "{\"" + dice.one(TEXTS) + "\":" + anything(depth + 1) + "}";
    };
  }

  private String tooMuch() {
    int n = dice.between(1000, 300_000);
    return switch (dice.below(6)) {
      case 0 -> "\"" + "s".repeat(n) + "\"";
      case 1 -> "9".repeat(n);
      case 2 -> "0." + "3".repeat(n) + "e-5";
      case 3 -> "[".repeat(n);
      case 4 -> "{\"" + "k".repeat(n) + "\":1}";
      default -> names(n / 8);
    };
  }

  private static String names(int n) {
    StringBuilder many = new StringBuilder("{");
    for (int i = 0; i < n; i++) many.append(i == 0 ? "\"" : ",\"").append(Integer.toString(i, 36)).append("\":0");
    return many.append('}').toString();
  }
}
