package dev.tilestream.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All targets by their words. */
public final class Targets {
  /** Makes one; the caller closes it. */
  private interface Maker {
    FuzzTarget make() throws IOException;
  }

  private static final Map<String, Maker> MAKERS = new TreeMap<>(Map.of(
      "codec", CodecTarget::new, "http", HttpTarget::new, "picture", PictureTarget::new, "config", ConfigTarget::new, "onnx", OnnxTarget::new,
      "node", NodeTarget::new));

  private Targets() {}

  public static List<String> words() {
    return List.copyOf(MAKERS.keySet());
  }

  /** Whether native code that it reaches may take the process with it, so that it needs one of its own. */
  static boolean mayCrash(String word) {
    return word.equals("onnx");
  }

  /** @throws IllegalArgumentException when there is none of that word */
  static FuzzTarget make(String word) throws IOException {
    Maker maker = MAKERS.get(word);
    if (maker == null) throw new IllegalArgumentException("target: %s (expected: one of %s)".formatted(word, String.join(", ", words())));
    return maker.make();
  }

  /** The bytes of a case, which is not run. */
  public static byte[] input(String word, long seed) throws IOException {
    try (FuzzTarget target = make(word)) {
      return target.draw(seed).input();
    }
  }

  /** Runs one target: here, or in a process of its own where it may crash. */
  public static Tally run(String word, Extent extent) throws IOException {
    try (FuzzTarget target = make(word)) {
      if (mayCrash(word)) return new ChildCampaign(target, extent).run();
      return Campaign.run(target, extent, Campaign.Log.SILENT);
    }
  }
}
