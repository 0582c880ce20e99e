package dev.tilestream.scheduler;

import java.util.concurrent.CompletionStage;

/** Where a face hands in requests. */
public interface InferenceService {
  /** Completes with the answer, or with an {@link InferenceFailure}; never later than the deadline plus the detection margin. */
  CompletionStage<InferenceAnswer> infer(InferenceRequest request);
}
