package dev.tilestream.api;

import akka.util.ByteString;
import java.util.function.Function;

/** A body that is wanted in one piece, on the heap, and then read. */
final class CollectedBody<T> implements Body<T> {
  private final HeapBudget budget;
  private final long limit;
  private final Function<ByteString, T> reader;
  private final Pieces collected = new Pieces();

  CollectedBody(HeapBudget budget, long limit, Function<ByteString, T> reader) {
    this.budget = budget;
    this.limit = limit;
    this.reader = reader;
  }

  @Override
  public void accept(ByteString chunk) {
    if (collected.size() + (long) chunk.size() > limit) throw ApiError.tooLarge("body: more than %d bytes", limit);
    budget.take(chunk.size());
    collected.add(chunk);
  }

  @Override
  public T finish() {
    T read = reader.apply(collected.whole());
    abandon();
    return read;
  }

  @Override
  public void abandon() {
    budget.giveBack(collected.size());
    collected.clear();
  }
}
