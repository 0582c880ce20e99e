package dev.tilestream.api;

import dev.tilestream.picture.PictureInput;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.Shape;

/** Finds the input of a model that a picture goes to, and checks the model's settings against the model. */
final class PicturePort {
  private PicturePort() {}

  static Port of(ModelStatus model, PictureInput input) {
    if (model.inputs().size() != 1)
      throw ApiError.badRequest("model %s: has %d inputs (expected: one, to take a picture)", model.name(), model.inputs().size());
    Port port = model.inputs().get(0);
    if (!input.name().isEmpty() && !input.name().equals(port.name())) throw wrong(model, "input.name: " + input.name(), port.name());
    if (port.type() == null) throw ApiError.of(501, "model %s: its input is no plain tensor", model.name());
    if (port.shape().size() != 3 && port.shape().size() != 4) throw wrong(model, "a picture", "shape " + port.shape());
    Shape shape = PicturePreprocessor.shape(input, port.shape().size());
    for (int i = 0; i < shape.rank(); i++) {
      long expected = port.shape().get(i);
      if (expected >= 0 && expected != shape.dim(i)) throw wrong(model, "input makes " + shape, "shape " + port.shape());
    }
    return port;
  }

  /** Wrong settings of the model, so the server's fault and not the request's. */
  private static ApiError wrong(ModelStatus model, String came, String expected) {
    return ApiError.of(500, "model %s: config.json: %s (expected: %s, as the model says)", model.name(), came, expected);
  }
}
