/**
 * The Open Inference Protocol v2 over HTTP, with the binary tensor and model repository extensions, pictures as input, and the node's
 * status. Nothing in here knows how an inference is computed: it is handed to an {@link dev.tilestream.scheduler.InferenceService}.
 *
 * <p>What comes from outside is checked in this order: names, then whether the model can be used, then the announced size, then the
 * JSON (types, shapes and sizes against the model's and against each other), and only then is memory taken.
 */
package dev.tilestream.api;
