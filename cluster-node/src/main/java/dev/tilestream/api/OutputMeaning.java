package dev.tilestream.api;

import dev.tilestream.picture.PictureInput;
import dev.tilestream.picture.Placement;
import dev.tilestream.postprocess.Findings;
import dev.tilestream.postprocess.OutputReader;
import dev.tilestream.postprocess.Postprocess;
import dev.tilestream.postprocess.Unreadable;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the outputs of an answer say.
 *
 * @param model its name, for errors
 * @param picture where the picture that was asked about lies in the model's input; empty: tensors came
 * @param whole where a picture of the input's size would
 */
record OutputMeaning(String model, List<String> labels, Optional<OutputReader> reader, Optional<Placement> picture, Placement whole) {
  /** @param picture where the picture lies that was asked about; empty: tensors came */
  static OutputMeaning of(ModelStatus model, ModelConfig config, Optional<Placement> picture) {
    int width = config.input().map(PictureInput::width).orElse(1);
    int height = config.input().map(PictureInput::height).orElse(1);
    return new OutputMeaning(
        model.name(), config.labels(), config.postprocess().map(how -> new OutputReader(named(how, model), config.labels(), width, height)),
        picture, Placement.whole(width, height));
  }

  /** Where no output is named, the first is meant, whichever a request asks for. */
  private static Postprocess named(Postprocess how, ModelStatus model) {
    return how.output().isEmpty() && !model.outputs().isEmpty() ? how.of(model.outputs().get(0).name()) : how;
  }

  /** @throws ApiError 500 when they are others than the model's configuration says */
  Findings read(Map<String, TensorSlice> outputs) {
    // Who asked for some outputs only may have left out what this needs.
    if (reader.isEmpty() || !outputs.keySet().containsAll(reader.get().needed())) return Findings.NONE;
    try {
      return reader.get().read(outputs, picture.orElse(whole));
    } catch (Unreadable e) {
      // Tensors may be of several pictures, or of none.
      if (picture.isEmpty()) return Findings.NONE;
      throw ApiError.of(500, "model %s: config.json: postprocess: %s", model, e.getMessage());
    }
  }
}
