package dev.tilestream.api;

import akka.util.ByteString;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A body that is nothing but the bytes of the model's only input: the binary extension with no JSON at all. One dimension may be open, and
 * follows from the number of bytes. Copied once, from the chunk that the connection delivered to the memory of the input.
 */
final class RawBody implements Body<Submission> {
  private final RequestOptions options;
  private final InputSlot slot;
  private long arrived;
  /** Its memory is somebody else's, or given back. */
  private boolean gone;

  /**
   * @param length bytes in all, or {@link InferenceJsonReader#UNKNOWN}
   * @throws ApiError when that can't be the model's input
   */
  RawBody(ModelStatus model, BufferPool pool, ApiSettings settings, RequestOptions options, long length) {
    this.options = options;
    if (model.inputs().size() != 1)
      throw ApiError.badRequest("model %s: has %d inputs (expected: one, to take raw bytes)", model.name(), model.inputs().size());
    if (length > settings.maxBody()) throw ApiError.tooLarge("body: %d bytes (expected: at most %d)", length, settings.maxBody());
    Port port = model.inputs().get(0);
    if (port.type() == null) throw ApiError.of(501, "input \"%s\": the model takes no plain tensor here, which is not supported", port.name());
    slot = slot(port, pool, length);
  }

  private static InputSlot slot(Port port, BufferPool pool, long length) {
    for (DataType type : port.types()) {
      Optional<List<Long>> dims = dims(port, type, length);
      if (dims.isPresent()) return InputSlot.allocate(pool, port.name(), type, InputSlot.checkShape(port, type, dims.get()));
    }
    throw ApiError.badRequest("input \"%s\": %s bytes (expected: %s %s)", port.name(), length < 0 ? "an unknown number of" : length,
        port.datatypes(), port.shape());
  }

  /** The shape that has so many bytes; where all is fixed, the length need not be known. */
  private static Optional<List<Long>> dims(Port port, DataType type, long length) {
    long fixed = type.bytes();
    int open = -1;
    for (int i = 0; i < port.shape().size(); i++) {
      long dim = port.shape().get(i);
      if (dim < 0 && open >= 0) return Optional.empty();
      if (dim < 0) open = i;
      // A product that no buffer could hold is none.
      else if (dim != 0 && fixed > Integer.MAX_VALUE / dim) return Optional.empty();
      else fixed *= dim;
    }
    if (open < 0) return length < 0 || length == fixed ? Optional.of(port.shape()) : Optional.empty();
    if (length < 0 || fixed == 0 || length % fixed != 0) return Optional.empty();
    List<Long> dims = new ArrayList<>(port.shape());
    dims.set(open, length / fixed);
    return Optional.of(dims);
  }

  @Override
  public void accept(ByteString chunk) {
    arrived += chunk.size();
    if (chunk.size() > slot.free().remaining())
      throw ApiError.badRequest("input \"%s\": %d bytes or more (expected: %d)", slot.name(), arrived, slot.tensor().bytes());
    chunk.copyToBuffer(slot.free());
  }

  @Override
  public Submission finish() {
    if (slot.free().hasRemaining())
      throw ApiError.badRequest("input \"%s\": truncated after %d bytes (expected: %d)", slot.name(), arrived, slot.tensor().bytes());
    gone = true;
    return new Submission(Optional.empty(), options, Map.of(slot.name(), slot.tensor()), List.of());
  }

  @Override
  public void abandon() {
    if (!gone) slot.release();
    gone = true;
  }
}
