package dev.tilestream.graph.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import onnx.Onnx;

/**
 * Files that a model's tensors lie in. A model comes from outside, so they may only lie beside it: ONNX Runtime would read any file, and
 * takes {@code *}{@code /_ORT_MEM_ADDR_/*} for an address in this process.
 */
final class ExternalData {
  /** Names and directories that begin with no dot and hold nothing that any system takes for more than a letter. */
  private static final Pattern BESIDE = Pattern.compile("(?!\\.)[\\w][\\w .,+=@()~-]*(/[\\w][\\w .,+=@()~-]*)*", Pattern.UNICODE_CHARACTER_CLASS);

  private ExternalData() {}

  /**
   * All of them, in order.
   *
   * @throws ModelRefused when one is not a plain file beside the model
   */
  static Set<Path> files(Onnx.ModelProto model, Path directory) {
    Set<Path> files = new TreeSet<>();
    ModelTensors.forEach(model, tensor -> {
      for (Onnx.StringStringEntryProto e : tensor.getExternalDataList())
        if (e.getKey().equals("location")) files.add(file(tensor, e.getValue(), directory));
    });
    return files;
  }

  /** @throws ModelRefused when any tensor's data lies elsewhere, whatever is there */
  static void checkLocations(Onnx.ModelProto model) {
    ModelTensors.forEach(model, tensor -> {
      for (Onnx.StringStringEntryProto e : tensor.getExternalDataList())
        if (e.getKey().equals("location")) checkLocation(tensor, e.getValue());
    });
  }

  private static void checkLocation(Onnx.TensorProto tensor, String at) {
    if (!BESIDE.matcher(at).matches() || at.contains(".."))
      throw new ModelRefused("initializer %s: external data at %s (expected: a file beside the model)".formatted(tensor.getName(), at));
  }

  private static Path file(Onnx.TensorProto tensor, String at, Path directory) {
    checkLocation(tensor, at);
    try {
      Path real = directory.resolve(at).toRealPath();
      if (Files.isRegularFile(real) && real.startsWith(directory.toRealPath())) return directory.resolve(at);
      throw new ModelRefused("initializer %s: external data at %s (expected: a file beside the model)".formatted(tensor.getName(), at));
    } catch (IOException e) {
      throw new ModelRefused("model: external data %s can't be read".formatted(at), e);
    }
  }
}
