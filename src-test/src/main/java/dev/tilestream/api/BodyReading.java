package dev.tilestream.api;

import akka.util.ByteString;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Reads the bodies of inference requests as the HTTP face does, without the HTTP: thousands a second. It lies in this package because the
 * readers do.
 */
public final class BodyReading {
  /** Refuses nobody, and is handed nothing. */
  private static final InferenceService NOBODY =
      request -> CompletableFuture.failedFuture(new IllegalStateException("a request was handed in (expected: bodies are only read)"));

  private final ApiSettings settings;
  private final HeapBudget budget;
  private final ApiBackend backend;
  private final FrameReader pictures;

  /**
   * @param overrides of {@code tilestream.api}, HOCON
   * @param pool where inputs are put
   */
  public BodyReading(String overrides, BufferPool pool) {
    Config config = ConfigFactory.parseString(overrides).withFallback(ConfigFactory.load());
    settings = ApiSettings.from(config.resolve());
    budget = new HeapBudget(settings.heapForBodies());
    backend = new ApiBackend(NOBODY, null, model -> ModelConfig.NONE, null, pool);
    pictures = new FrameReader(backend, new PicturePreprocessor(settings.picture(), budget));
  }

  /**
   * @param chunks as they would arrive
   * @param jsonLength what the header says of how much is JSON; empty: all
   * @param bodyLength what the header says of the length; empty: nothing, the body is chunked
   * @return the status that refuses it, or nothing when it was taken; whatever was held has been given back
   */
  public OptionalLong read(ModelStatus model, List<byte[]> chunks, OptionalLong jsonLength, OptionalLong bodyLength) {
    try {
      InferenceBody body = new InferenceBody(
          model, backend, budget, settings, pictures, jsonLength.orElse(InferenceBody.ALL), bodyLength.orElse(InferenceJsonReader.UNKNOWN));
      try {
        for (byte[] chunk : chunks) body.accept(ByteString.fromArrayUnsafe(chunk));
        body.finish().inputs().values().forEach(TensorSlice::release);
        return OptionalLong.empty();
      } finally {
        body.abandon();
      }
    } catch (ApiError e) {
      return OptionalLong.of(e.status());
    } catch (BufferPool.Exhausted e) {
      return OptionalLong.of(503);
    } finally {
      // Fails when bytes of a body that is gone still count.
      budget.take(settings.heapForBodies());
      budget.giveBack(settings.heapForBodies());
    }
  }
}
