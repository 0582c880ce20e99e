package dev.tilestream.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A stream of frames to a node, and of their answers from it: open until {@link #end} or {@link #close}. Frames are sent by one thread;
 * answers come on another.
 */
public final class FrameConnection implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_MESSAGE = 256 << 20;
  private static final Duration CLOSING = Duration.ofSeconds(2);

  private final Map<Long, Long> sentNanos = new ConcurrentHashMap<>();
  private final CompletableFuture<JsonNode> ended = new CompletableFuture<>();
  private final Consumer<FrameAnswer> listener;
  private WebSocket socket;
  private long frames;

  FrameConnection(Consumer<FrameAnswer> listener) {
    this.listener = listener;
  }

  WebSocket.Listener receiver() {
    return new Receiver();
  }

  FrameConnection over(WebSocket opened) {
    socket = opened;
    return this;
  }

  /**
   * Sends a frame: a JPEG or PNG, or the bytes of the model's input. Returns when the connection has taken it.
   *
   * @return its number
   * @throws NodeFailure when the node has closed the connection, with its reason
   */
  public long send(byte[] frame) throws InterruptedException {
    long number = frames++;
    sentNanos.put(number, System.nanoTime());
    await(socket.sendBinary(ByteBuffer.wrap(frame), true));
    return number;
  }

  private void await(CompletableFuture<WebSocket> sending) throws InterruptedException {
    try {
      sending.get();
    } catch (ExecutionException e) {
      if (ended.isCompletedExceptionally()) throw failure(ended.handle((none, why) -> why).join());
      throw new NodeFailure(0, "the stream broke: " + e.getCause(), e);
    }
    if (ended.isCompletedExceptionally()) throw failure(ended.handle((none, why) -> why).join());
  }

  /**
   * No more frames: waits for the last answers.
   *
   * @return what became of all frames, in the node's words
   * @throws NodeFailure when the stream broke, or nothing came within {@code patience}
   */
  public JsonNode end(Duration patience) throws InterruptedException {
    await(socket.sendText("end", true));
    try {
      return ended.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (TimeoutException e) {
      throw new NodeFailure(0, "the stream's last answers did not come within " + patience, e);
    }
  }

  private static NodeFailure failure(Throwable why) {
    Throwable cause = why instanceof CompletionException && why.getCause() != null ? why.getCause() : why;
    return cause instanceof NodeFailure f ? f : new NodeFailure(0, "the stream broke: " + cause, cause);
  }

  @Override
  public void close() {
    try {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException gone) {
      // It is closed in any case.
    } finally {
      socket.abort();
    }
  }

  private void message(String text) {
    try {
      JsonNode message = JSON.readTree(text);
      if (message.path("end").asBoolean()) ended.complete(message);
      else if (message.has("frame")) listener.accept(answer(message));
      else ended.completeExceptionally(new NodeFailure(message.path("status").asInt(), message.path("error").asText(text), null));
    } catch (IOException e) {
      ended.completeExceptionally(new NodeFailure(0, "the stream: a message that is not JSON: " + e.getMessage(), e));
    }
  }

  private FrameAnswer answer(JsonNode message) {
    long frame = message.path("frame").asLong();
    Long sent = sentNanos.remove(frame);
    long dropped = 0;
    for (JsonNode range : message.path("dropped_frames")) {
      for (long f = range.path(0).asLong(); f < range.path(1).asLong(); f++) if (sentNanos.remove(f) != null) dropped++;
    }
    Optional<String> error = message.has("error") ? Optional.of(message.path("error").asText()) : Optional.empty();
    return new FrameAnswer(frame, sent == null ? Double.NaN : (System.nanoTime() - sent) / 1e6, dropped, error, message);
  }

  private final class Receiver implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      if (text.length() + part.length() > LONGEST_MESSAGE) {
        onError(from, new IOException("a message of more than %d characters".formatted(LONGEST_MESSAGE)));
        from.abort();
        return null;
      }
      text.append(part);
      if (last) {
        message(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      ended.completeExceptionally(new NodeFailure(0, "the stream was closed by the node (%d %s)".formatted(code, reason).strip(), null));
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable why) {
      ended.completeExceptionally(new NodeFailure(0, "the stream broke: " + why, why));
    }
  }
}
