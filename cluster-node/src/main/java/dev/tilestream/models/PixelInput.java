package dev.tilestream.models;

import dev.tilestream.graph.onnx.Pixels;
import dev.tilestream.picture.PictureInput;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.repository.Sha256;
import dev.tilestream.scheduler.LoadedModel;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.DataType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which input of a model may come as pixels, by its {@code config.json}: one that a picture is made for, and that is of floats. */
final class PixelInput {
  private PixelInput() {}

  static Optional<Pixels> of(LoadedModel model, ModelConfig config) {
    return config.input().flatMap(picture -> port(model, picture).map(port -> pixels(port, picture)));
  }

  private static Optional<ModelStatus.Port> port(LoadedModel model, PictureInput picture) {
    if (model.inputs().size() != 1) return Optional.empty();
    ModelStatus.Port port = model.inputs().get(0);
    boolean named = picture.name().isEmpty() || picture.name().equals(port.name());
    boolean floats = port.type() == DataType.FLOAT32 || port.type() == DataType.FLOAT16;
    return Optional.of(port).filter(p -> named && floats && fits(p, picture));
  }

  /** Settings that contradict the model are told to who sends a picture; they don't keep it from taking tensors. */
  private static boolean fits(ModelStatus.Port port, PictureInput picture) {
    int rank = port.shape().size();
    if (rank != 3 && rank != 4) return false;
    long channels = port.shape().get(picture.layout() == PictureInput.Layout.NHWC ? rank - 1 : rank - 3);
    boolean narrow = Stream.concat(picture.mean().stream(), picture.scale().stream()).allMatch(v -> Float.isFinite(v.floatValue()));
    return narrow && (channels < 0 || channels == picture.channelOrder().channels());
  }

  private static Pixels pixels(ModelStatus.Port port, PictureInput picture) {
    return new Pixels(port.name(), picture.layout() == PictureInput.Layout.NHWC, picture.mean(), picture.scale());
  }

  /** What tells the model behind these pixels from the model of that file, and from it behind others. */
  static String sha256(String file, Pixels pixels) {
    return Sha256.of(String.join(" ", List.of(file, pixels.toString())).getBytes(StandardCharsets.UTF_8));
  }
}
