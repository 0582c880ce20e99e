package dev.tilestream.kernel;

import java.util.Map;

/** What the speed of kernels depends on besides the processor. */
public final class KernelVersions {
  private KernelVersions() {}

  /** Versions of the libraries that compute here and how they are set, by name. To be asked once there are {@link Kernels}. */
  public static Map<String, String> of(KernelSettings settings) {
    return Map.of(
        "onnxruntime", OrtRuntime.with(settings.threads()).environment().getVersion(),
        "nd4j", NativeLibrary.chosen(),
        "kernel threads", Integer.toString(settings.threads()),
        "kernel backend", settings.backend().name(),
        "kernel measure-budget", settings.measureBudget().toString());
  }
}
