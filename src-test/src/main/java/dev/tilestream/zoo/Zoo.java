package dev.tilestream.zoo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * Networks to measure and test with. Weights are seeded, so a network is the same bytes everywhere; files are written once into a
 * cache directory and found again.
 */
public enum Zoo {
  SQUEEZENET("squeezenet", Networks::squeezenet),
  RESNET50("resnet50", Networks::resnet50),
  DENSENET121("densenet121", Networks::densenet121),
  VGG19("vgg19", Networks::vgg19),
  MOBILENET_V2("mobilenet-v2", Networks::mobilenetV2),
  /** A detector with trained weights, from the shared test data. */
  FASTESTDET("fastestdet", null);

  private static final long SEED = 20240519;
  /** Part of the file names: raised when a network changes, so that older files are not taken for it. */
  private static final int REVISION = 1;

  private final String word;
  private final LongFunction<OnnxModelBuilder> network;

  Zoo(String word, LongFunction<OnnxModelBuilder> network) {
    this.word = word;
    this.network = network;
  }

  /** The name users write. */
  public String word() {
    return word;
  }

  /** False for a network of the shared test data when that is absent. */
  public boolean available() {
    return network != null || SharedData.present();
  }

  /** Those of {@code wanted} that are; {@code leftOut} is told of each that is not. */
  public static List<Zoo> available(List<Zoo> wanted, Consumer<String> leftOut) {
    for (Zoo z : wanted) if (!z.available()) leftOut.accept(z.word + ": left out: " + SharedData.absence());
    return wanted.stream().filter(Zoo::available).toList();
  }

  /** The model's file, written into {@code cache} when it is not there yet (0.6 GB for vgg19, a few seconds). */
  public Path file(Path cache) {
    if (network == null) return SharedData.path("models", "fastestdet-352.onnx");
    Path file = cache.resolve("%s-r%d.onnx".formatted(word, REVISION));
    if (Files.exists(file)) return file;
    try {
      Files.createDirectories(cache);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    network.apply(SEED).write(file);
    return file;
  }

  /** Where files go unless told otherwise: {@code tilestream-zoo} in the directory for temporary files. */
  public static Path defaultCache() {
    return Path.of(System.getProperty("java.io.tmpdir"), "tilestream-zoo");
  }

  /** @throws IllegalArgumentException that names what came and what is expected */
  public static Zoo of(String word) {
    for (Zoo z : values()) if (z.word.equals(word)) return z;
    throw new IllegalArgumentException(
        "model: %s (expected: one of %s)".formatted(word, Arrays.stream(values()).map(Zoo::word).collect(Collectors.joining(", "))));
  }
}
