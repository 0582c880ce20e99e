package dev.tilestream.api;

import akka.util.ByteString;

/**
 * A request body while it arrives. Called by one thread at a time, in order: any number of {@link #accept}, then {@link #finish} or
 * {@link #abandon}; after an exception only {@link #abandon}.
 */
interface Body<T> {
  /** @throws ApiError when it is clear that the request is not served */
  void accept(ByteString chunk);

  /** The body is whole. What is returned belongs to the caller. @throws ApiError when it is not what it should be */
  T finish();

  /** Gives back whatever is held. */
  void abandon();
}
