package dev.tilestream.api;

import dev.tilestream.tensor.TensorSlice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The JSON part of a request, read and checked. Owns its slots' memory until {@link #submission} hands it on.
 *
 * @param slots one for every input of the model
 * @param binary those whose bytes come behind the JSON, in the order of the bytes
 */
record InferenceHead(
    Optional<String> id, RequestOptions options, List<WantedOutput> outputs, List<InputSlot> slots, List<InputSlot> binary) {
  Submission submission() {
    Map<String, TensorSlice> inputs = new LinkedHashMap<>();
    slots.forEach(slot -> inputs.put(slot.name(), slot.tensor()));
    return new Submission(id, options, inputs, outputs);
  }

  /** The only input, where that is a picture file still. */
  Optional<InputSlot> file() {
    return slots.stream().filter(InputSlot::isFile).findFirst();
  }

  void release() {
    slots.forEach(InputSlot::release);
  }
}
