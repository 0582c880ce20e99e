package dev.tilestream.scheduler;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where a face hands in requests. */
public interface InferenceService {
  /** Completes with the answer, or with an {@link InferenceFailure}; never later than the deadline plus the detection margin. */
  CompletionStage<InferenceAnswer> infer(InferenceRequest request);

  /**
   * Why a request would be refused if it were handed in now, for faces that can ask before its tensors have come; empty: it may be taken.
   *
   * @param stream empty: this node's requests for the model
   */
  default Optional<InferenceFailure> refusal(String model, String stream) {
    return Optional.empty();
  }

  /** After how long so many more requests are likely to be answered, by the last ones; zero when nothing is known. */
  default Duration toServe(int requests) {
    return Duration.ZERO;
  }
}
