package dev.tilestream.api;

import akka.util.ByteString;
import dev.tilestream.json.JsonBounds;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.ModelStatus;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The body of an inference request: JSON, perhaps followed by the bytes of the binary inputs. The JSON is collected on the heap; the bytes
 * behind it are copied once, from the chunk that the connection delivered to the memory of the input.
 */
final class InferenceBody implements Body<Submission> {
  /** The body is JSON to its end. */
  static final long ALL = -1;

  /** Far beyond any request: the longest number is a float64 with all its decimals, and arrays are as deep as a tensor has dimensions. */
  private static final JsonBounds.Limits LIMITS = new JsonBounds.Limits(1 << 20, 1100, 32, 10_000);

  private final ModelStatus model;
  private final InferenceService service;
  private final InferenceJsonReader reader;
  private final HeapBudget budget;
  private final ApiSettings settings;
  private final FrameReader pictures;
  private final long jsonLength;
  private final long bodyLength;
  private final Deque<InputSlot> waiting = new ArrayDeque<>();
  private final JsonBounds bounds = new JsonBounds(LIMITS);
  private final Pieces json = new Pieces();
  private InferenceHead head;
  private long arrived;

  /**
   * @param jsonLength bytes of JSON at the start, or {@link #ALL}
   * @param bodyLength bytes in all, or {@link InferenceJsonReader#UNKNOWN}
   */
  InferenceBody(
      ModelStatus model, ApiBackend backend, HeapBudget budget, ApiSettings settings, FrameReader pictures, long jsonLength, long bodyLength) {
    this.model = model;
    service = backend.service();
    this.pictures = pictures;
    reader = new InferenceJsonReader(model, backend.pool(), settings.longestDeadline());
    this.budget = budget;
    this.settings = settings;
    this.jsonLength = jsonLength;
    this.bodyLength = bodyLength;
    if (bodyLength > settings.maxBody()) throw tooLarge("body: %d bytes".formatted(bodyLength), settings.maxBody());
    long announced = jsonLength == ALL ? bodyLength : jsonLength;
    if (announced > settings.maxJson()) throw tooLarge("JSON: %d bytes".formatted(announced), settings.maxJson());
    if (bodyLength >= 0 && jsonLength > bodyLength)
      throw ApiError.badRequest("%s: %d (expected: at most the body's %d bytes)", InferenceHttp.HEADER_LENGTH, jsonLength, bodyLength);
  }

  private static ApiError tooLarge(String what, long most) {
    return ApiError.tooLarge("%s (expected: at most %d)", what, most);
  }

  @Override
  public void accept(ByteString chunk) {
    arrived += chunk.size();
    if (arrived > settings.maxBody()) throw tooLarge("body: %d bytes or more".formatted(arrived), settings.maxBody());
    if (head == null) collect(chunk);
    else fill(chunk);
  }

  private void collect(ByteString chunk) {
    long most = jsonLength == ALL ? settings.maxJson() : jsonLength;
    int mine = (int) Math.min(chunk.size(), most - json.size());
    ByteString part = chunk.take(mine);
    look(part);
    budget.take(mine);
    json.add(part);
    if (jsonLength == ALL) {
      if (mine < chunk.size()) throw tooLarge("JSON: %d bytes or more".formatted(arrived), settings.maxJson());
    } else if (json.size() == jsonLength) {
      parse(bodyLength < 0 ? InferenceJsonReader.UNKNOWN : bodyLength - jsonLength);
      fill(chunk.drop(mine));
    }
  }

  private void look(ByteString part) {
    bounded(() -> part.getByteBuffers().forEach(bounds::accept));
  }

  private static void bounded(Runnable look) {
    try {
      look.run();
    } catch (JsonBounds.Exceeded e) {
      throw ApiError.badRequest("JSON: %s", e.getMessage());
    }
  }

  private void parse(long behind) {
    bounded(bounds::end);
    head = reader.read(json.whole(), behind, settings.maxBody() - json.size());
    giveBackJson();
    // Whoever is refused anyway holds no memory while the rest comes.
    service.refusal(model.name(), head.options().stream().orElse("")).ifPresent(refusal -> {
      throw refusal;
    });
    for (InputSlot slot : head.binary()) if (slot.free().hasRemaining()) waiting.add(slot);
  }

  private void fill(ByteString chunk) {
    ByteString rest = chunk;
    while (rest.nonEmpty()) {
      InputSlot slot = waiting.peek();
      if (slot == null) throw ApiError.badRequest("binary: %d bytes or more behind the last input (expected: none)", rest.size());
      rest = rest.drop(rest.copyToBuffer(slot.free()));
      if (!slot.free().hasRemaining()) waiting.remove();
    }
  }

  @Override
  public Submission finish() {
    if (jsonLength != ALL && head == null)
      throw ApiError.badRequest("body: ends after %d bytes (expected: %d bytes of JSON)", arrived, jsonLength);
    if (head == null) parse(0);
    InputSlot cut = waiting.peek();
    if (cut != null) {
      int came = cut.free().position();
      throw ApiError.badRequest("input \"%s\": truncated after %d bytes (expected: %d)", cut.name(), came, cut.tensor().bytes());
    }
    Optional<InputSlot> file = head.file();
    if (file.isPresent()) return picture(file.get());
    InferenceHead whole = head;
    head = null;
    return whole.submission();
  }

  /** The head's memory goes back when the body is abandoned, in any case. */
  private Submission picture(InputSlot file) {
    long size = file.tensor().bytes() - InputSlot.LENGTH;
    if (size > settings.maxPicture()) throw tooLarge("picture: %d bytes".formatted(size), settings.maxPicture());
    budget.take(size);
    try {
      ByteString content = file.fileContent();
      Submission made = pictures.picture(content, model, head.options());
      return new Submission(head.id(), head.options(), made.inputs(), head.outputs(), made.placement());
    } finally {
      budget.giveBack(size);
      abandon();
    }
  }

  @Override
  public void abandon() {
    giveBackJson();
    waiting.clear();
    if (head != null) head.release();
    head = null;
  }

  private void giveBackJson() {
    budget.giveBack(json.size());
    json.clear();
  }
}
