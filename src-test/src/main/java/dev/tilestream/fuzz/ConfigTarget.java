package dev.tilestream.fuzz;

import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.repository.ModelConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** {@code config.json}, which comes with models from peers: read, or a fault that names the field. */
final class ConfigTarget implements FuzzTarget {
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(20), 2 << 20, 64, 256 << 20);
  private static final List<String> SAMPLES = List.of(
      "{\"input\": {\"width\": 352, \"height\": 352, \"layout\": \"NCHW\", \"channelOrder\": \"BGR\", \"mean\": [0], \"scale\": [0.0039], "
          + "\"resize\": \"stretch\", \"pad\": 114, \"name\": \"x\"}, \"labels\": [\"person\", \"bicycle\"], \"defaultStrategy\": \"hybrid\"}",
      "{\"deadlineMs\": 2000, \"halo\": 8, \"objective\": \"energy:500ms\", \"shapes\": {\"input.1\": [1, 3, 352, 352]}, "
          + "\"postprocess\": {\"kind\": \"classes\", \"top\": 3, \"softmax\": true}}",
      "{\"shapes\": {\"a\": [1], \"b\": [2, 2]}, \"objective\": \"weighted:1,2\"}", "{}");
  private static final List<String> VALUES = List.of(
      "null", "true", "-1", "0", "1", "1.5", "1e999", "2147483647", "2147483648", "9223372036854775808", "\"\"", "\"x\"", "[]", "{}", "[null]",
      "[1e400]", "\"energy:99999999999999999999ms\"", "\"throughput:0\"", "[2147483647, 2147483647, 2147483647]", "[65536, 65536, 65536, 65536]",
      "{\"x\": [2147483647, 2147483647, 2147483647]}", "{\"x\": null}", "16384", "{\"width\": 16384, \"height\": 16384}", "NaN", "\"\\ud800\"");

  @Override
  public String word() {
    return "config";
  }

  @Override
  public Bounds bounds() {
    return BOUNDS;
  }

  @Override
  public Trial draw(long seed) {
    Dice dice = new Dice(seed);
    String text = dice.one(SAMPLES);
    for (int times = dice.below(4); times > 0; times--) text = otherValue(text, dice);
    byte[] json = text.getBytes(StandardCharsets.UTF_8);
    if (dice.chance(0.3)) json = dice.breakBytes(json, dice.one(SAMPLES).getBytes(StandardCharsets.UTF_8));
    byte[] input = json;
    return new Trial(input, () -> read(input));
  }

  /** Puts another value behind one of the colons or commas. */
  private static String otherValue(String text, Dice dice) {
    int at = dice.below(text.length());
    int colon = text.indexOf(dice.chance(0.8) ? ':' : ',', at);
    if (colon < 0) return text;
    int end = colon + 1;
    for (int depth = 0; end < text.length(); end++) {
      char c = text.charAt(end);
      if (c == '[' || c == '{') depth++;
      if ((c == ',' || c == ']' || c == '}') && depth == 0) break;
      if (c == ']' || c == '}') depth--;
    }
    String value = dice.chance(0.02) ? dice.oneOf("[", "9", "\"s").repeat(dice.between(100, 100_000)) : dice.one(VALUES);
    return text.substring(0, colon + 1) + value + text.substring(end);
  }

  private static String read(byte[] json) {
    try {
      ModelConfig config = ModelConfig.parse("config.json", json);
      config.input().ifPresent(input -> PicturePreprocessor.shape(input, 4));
      return Trial.TAKEN;
    } catch (ModelConfig.Fault e) {
      return "fault";
    }
  }
}
