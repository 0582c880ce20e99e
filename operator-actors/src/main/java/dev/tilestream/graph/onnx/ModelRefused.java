package dev.tilestream.graph.onnx;

/** The model, or the shapes asked for, can't be served; the message says why in words for whoever sent it. */
public final class ModelRefused extends RuntimeException {
  public ModelRefused(String message) {
    super(message);
  }

  public ModelRefused(String message, Throwable cause) {
    super(message, cause);
  }
}
