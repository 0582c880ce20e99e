package dev.tilestream.api;

import akka.http.javadsl.model.ws.BinaryMessage;
import akka.http.javadsl.model.ws.Message;
import akka.http.javadsl.model.ws.TextMessage;
import akka.stream.QueueOfferResult;
import akka.stream.javadsl.SourceQueueWithComplete;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.plan.WrittenObjective;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A camera's frames, and their answers in the order in which they are done. The newest frame wins: what cannot be computed in time is
 * dropped, and the next answer says which. A client that does not read holds up its own frames only. Thread-safe.
 *
 * <p>Memory: of each frame that waits or is under way its bytes, which are in the budget; the connection takes an answer before the next
 * frame begins.
 */
final class FrameStream {
  /**
   * What streams share.
   *
   * @param blocking where frames are decoded and answers written
   */
  record Shared(ApiBackend backend, FrameReader reader, HeapBudget budget, Executor blocking) {}

  private final Shared shared;
  private final ModelStatus model;
  private final StreamOptions options;
  private final Optional<Duration> modelDeadline;
  private final SourceQueueWithComplete<Message> out;
  private final FrameWindow<ByteString> window;
  private final Optional<PipelineDepth> pipeline;
  private final StreamFigures figures;
  private boolean ending;
  private boolean over;

  /** @param out takes an answer when the connection does */
  FrameStream(Shared shared, ModelStatus model, StreamOptions options, SourceQueueWithComplete<Message> out) {
    long now = System.nanoTime();
    this.shared = shared;
    this.model = model;
    this.options = options;
    modelDeadline = shared.backend.deadline(options.request(), model);
    this.out = out;
    window = new FrameWindow<>(options.window().orElse(1));
    // Who says what plans are chosen for has said what counts.
    boolean free = options.window().isEmpty() && options.request().wish().isEmpty() && options.request().strategy().isEmpty();
    pipeline = free ? Optional.of(new PipelineDepth(4, now)) : Optional.empty();
    figures = new StreamFigures(now);
  }

  /** A frame came whole. It is dropped when there is no memory to keep it. */
  void frame(ByteString bytes) {
    boolean kept = take(bytes.size());
    FrameWindow.Step<ByteString> step;
    synchronized (this) {
      if (over || ending || !kept) {
        if (kept) shared.budget.giveBack(bytes.size());
        else if (!over && !ending) window.skip();
        return;
      }
      step = window.offer(bytes, System.nanoTime());
    }
    step.dropped().ifPresent(this::forget);
    step.begin().ifPresent(this::begin);
  }

  private boolean take(int bytes) {
    try {
      shared.budget.take(bytes);
      return true;
    } catch (ApiError full) {
      return false;
    }
  }

  /** What came cannot be meant: the client is told, and the connection closes. */
  void refuse(Throwable thrown) {
    Responses.Refusal refusal = Responses.refusal(thrown);
    gone();
    out.offer(text(json -> {
      json.writeStartObject();
      json.writeStringField("error", refusal.message());
      json.writeNumberField("status", refusal.status());
      json.writeEndObject();
    })).whenComplete((sent, failure) -> out.complete());
  }

  /** The client has no more frames: the last answers follow, then the figures, and the connection closes. */
  void end() {
    synchronized (this) {
      ending = true;
    }
    closeWhenIdle();
  }

  /** The connection is no more. */
  void gone() {
    Optional<FrameWindow.Frame<ByteString>> last;
    synchronized (this) {
      over = true;
      last = window.clear();
    }
    last.ifPresent(this::forget);
  }

  private void forget(FrameWindow.Frame<ByteString> frame) {
    shared.budget.giveBack(frame.content().size());
  }

  private void begin(FrameWindow.Frame<ByteString> frame) {
    RequestOptions request = request();
    // Who waits for the answer must not hold the frame's bytes.
    FrameWindow.Frame<Void> told = new FrameWindow.Frame<>(frame.number(), null, frame.arrivedNanos());
    AtomicBoolean answered = new AtomicBoolean();
    CompletableFuture.supplyAsync(() -> read(frame, request), shared.blocking)
        .thenCompose(submission -> shared.backend.service().infer(submission.toRequest(model, modelDeadline))
            .thenApplyAsync(answer -> answer(told, submission, answer), shared.blocking))
        .whenComplete((message, failure) -> answered.set(failure == null))
        .exceptionally(failure -> failure(told, failure))
        .thenCompose(this::send)
        .whenComplete((sent, failure) -> ended(answered.get()));
  }

  /** Its bytes are given back when they are read, whatever came of it. */
  private Submission read(FrameWindow.Frame<ByteString> frame, RequestOptions request) {
    try {
      return shared.reader.frame(frame.content(), model, request);
    } finally {
      forget(frame);
    }
  }

  /** With several frames under way, plans are chosen for what comes out in a second. */
  private synchronized RequestOptions request() {
    int depth = pipeline.map(PipelineDepth::depth).orElse(1);
    return depth == 1 ? options.request() : options.request().withWish(WrittenObjective.parse("throughput:" + depth));
  }

  private Message answer(FrameWindow.Frame<?> frame, Submission submission, InferenceAnswer answer) {
    AnswerWriter.Written written = writer(submission, answer).written(answer, json -> head(json, frame, age(frame), takeDropped()));
    synchronized (this) {
      figures.answered(age(frame));
    }
    if (!options.request().binaryOutputs()) return TextMessage.create(written.head().utf8String());
    byte[] length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(written.head().size()).array();
    return BinaryMessage.create(ByteString.fromArrayUnsafe(length).concat(written.head()).concat(written.tensors()));
  }

  private AnswerWriter writer(Submission submission, InferenceAnswer answer) {
    try {
      OutputMeaning meaning = shared.backend.meaning(model, submission.placement());
      return new AnswerWriter(model.name(), Optional.empty(), usual(submission.options(), meaning), List.of(), meaning);
    } catch (RuntimeException e) {
      answer.release();
      throw e;
    }
  }

  private synchronized List<FrameWindow.Range> takeDropped() {
    return window.takeDropped();
  }

  /** Where it is told what they mean, outputs come to those alone who ask for them. */
  private static RequestOptions usual(RequestOptions asked, OutputMeaning meaning) {
    return asked.rawOutputs().isEmpty() && meaning.reader().isPresent() ? asked.withRawOutputs("none") : asked;
  }

  private Message failure(FrameWindow.Frame<?> frame, Throwable thrown) {
    Responses.Refusal refusal = Responses.refusal(thrown);
    synchronized (this) {
      figures.failed();
    }
    return text(json -> {
      json.writeStartObject();
      head(json, frame, age(frame), takeDropped());
      json.writeStringField("error", refusal.message());
      json.writeNumberField("status", refusal.status());
      json.writeEndObject();
    });
  }

  private static double age(FrameWindow.Frame<?> frame) {
    return (System.nanoTime() - frame.arrivedNanos()) / 1e6;
  }

  private static void head(JsonGenerator json, FrameWindow.Frame<?> frame, double age, List<FrameWindow.Range> dropped) throws IOException {
    json.writeNumberField("frame", frame.number());
    json.writeNumberField("age_ms", StreamFigures.rounded(age));
    dropped(json, dropped);
  }

  private static void dropped(JsonGenerator json, List<FrameWindow.Range> dropped) throws IOException {
    if (dropped.isEmpty()) return;
    json.writeArrayFieldStart("dropped_frames");
    for (FrameWindow.Range range : dropped) json.writeArray(new long[] {range.from(), range.to()}, 0, 2);
    json.writeEndArray();
  }

  private static Message text(Responses.Writer writer) {
    return TextMessage.create(Responses.bytes(writer).utf8String());
  }

  private CompletionStage<QueueOfferResult> send(Message message) {
    return out.offer(message);
  }

  /** @param answered whether it has an answer: a refusal says nothing of how many could have one */
  private void ended(boolean answered) {
    Optional<FrameWindow.Frame<ByteString>> next;
    synchronized (this) {
      if (answered) pipeline.ifPresent(p -> {
        p.answered(window.pressed(), System.nanoTime());
        window.depth(p.depth());
      });
      next = window.ended();
    }
    next.ifPresent(this::begin);
    closeWhenIdle();
  }

  private void closeWhenIdle() {
    Message last;
    synchronized (this) {
      if (!ending || over || !window.idle()) return;
      over = true;
      last = text(json -> {
        json.writeStartObject();
        json.writeBooleanField("end", true);
        dropped(json, window.takeDropped());
        writeFigures(json);
        json.writeEndObject();
      });
    }
    out.offer(last).whenComplete((sent, failure) -> out.complete());
  }

  /** How it is going, as an object. */
  synchronized void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("model", model.name());
    json.writeStringField("version", model.version());
    writeFigures(json);
    json.writeEndObject();
  }

  private void writeFigures(JsonGenerator json) throws IOException {
    int depth = options.window().orElse(pipeline.map(PipelineDepth::depth).orElse(1));
    figures.write(json, window.frames(), window.dropped(), depth, System.nanoTime());
  }
}
