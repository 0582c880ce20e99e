package dev.tilestream.api;

import akka.util.ByteString;
import dev.tilestream.picture.PictureInput;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.picture.PreparedPicture;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes a model's input of what a camera gives: a picture file, or the input's bytes as they are. Takes as long as decoding does. */
final class FrameReader {
  /** What files begin with. */
  private static final int JPEG = 0xffd8ff;
  private static final int PNG = 0x89504e;

  private final ApiBackend backend;
  private final PicturePreprocessor preprocessor;

  FrameReader(ApiBackend backend, PicturePreprocessor preprocessor) {
    this.backend = backend;
    this.preprocessor = preprocessor;
  }

  /**
   * A JPEG or PNG, as the model's {@code config.json} wants it. Pixels are normalised by the graph where it can.
   *
   * @throws ApiError when the model takes no pictures, {@link dev.tilestream.picture.PictureFault} when it is none
   */
  Submission picture(ByteString file, ModelStatus model, RequestOptions options) {
    ModelConfig config = backend.configs().apply(model);
    PictureInput input = config.input().orElseThrow(
        () -> ApiError.badRequest("model %s: takes no pictures (expected: \"input\" in its config.json)", model.name()));
    Port port = PicturePort.of(model, input);
    PreparedPicture prepared = preprocessor.prepare(
        file.iterator().asInputStream(), port.pixels() ? input.pixels() : input, port.pixels() ? DataType.UINT8 : port.type(), port.shape().size(),
        backend.pool());
    return new Submission(Optional.empty(), options, Map.of(port.name(), prepared.tensor()), List.of(), Optional.of(prepared.placement()));
  }

  /** The same; but what has as many bytes as the model's only input is that: its pixels, or its numbers. */
  Submission frame(ByteString bytes, ModelStatus model, RequestOptions options) {
    if (model.inputs().size() != 1) return picture(bytes, model, options);
    Port port = model.inputs().get(0);
    if (port.type() == null) throw ApiError.of(501, "input \"%s\": the model takes no plain tensor here, which is not supported", port.name());
    Optional<DataType> type = rawType(port, bytes.size());
    // Bright pixels may look like the beginning of a file; of the right number, they are pixels.
    if (type.isEmpty()) {
      if (isPictureFile(bytes) || backend.configs().apply(model).input().isPresent()) return picture(bytes, model, options);
      throw ApiError.badRequest("frame: %d bytes (expected: %s %s in row-major order)", bytes.size(), port.datatypes(), port.shape());
    }
    InputSlot slot = InputSlot.allocate(backend.pool(), port.name(), type.get(), shape(port));
    bytes.copyToBuffer(slot.free());
    return new Submission(Optional.empty(), options, Map.of(port.name(), slot.tensor()), List.of());
  }

  private static boolean isPictureFile(ByteString bytes) {
    if (bytes.size() < 4) return false;
    int start = (bytes.apply(0) & 0xff) << 16 | (bytes.apply(1) & 0xff) << 8 | bytes.apply(2) & 0xff;
    return start == JPEG || start == PNG;
  }

  private static Optional<DataType> rawType(Port port, int bytes) {
    if (port.shape().stream().anyMatch(d -> d < 0)) return Optional.empty();
    return port.types().stream().filter(type -> shape(port).bytes(type) == bytes).findFirst();
  }

  private static Shape shape(Port port) {
    return Shape.of(port.shape().stream().mapToLong(Long::longValue).toArray());
  }
}
