package dev.tilestream.api;

import dev.tilestream.picture.PictureMemory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of request bodies, and of the pictures made of them, that are on the heap at one time, over all requests. Thread-safe. */
final class HeapBudget implements PictureMemory {
  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  HeapBudget(long limit) {
    this.limit = limit;
  }

  /** @throws ApiError 503 when it is spent; nothing is taken then */
  void take(long bytes) {
    long now = taken.addAndGet(bytes);
    if (now <= limit) return;
    taken.addAndGet(-bytes);
    throw ApiError.later(503, Duration.ofSeconds(1), "request bodies fill the memory set aside for them (%d bytes)".formatted(limit), null);
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** @throws ApiError 503 when it is spent, 413 when there never is so much; nothing is taken then */
  @Override
  public Claim claim(long bytes) {
    if (bytes > limit) throw ApiError.tooLarge("picture: %d bytes while it is decoded (expected: at most %d)", bytes, limit);
    take(bytes);
    return () -> giveBack(bytes);
  }
}
