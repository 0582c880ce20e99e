package dev.tilestream.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fills a model repository: {@code DIR/<model>/1/model.onnx}. */
public record TestRepository(Path directory) {
  /** As {@code models/fastestdet-352.onnx} of the shared data wants its pictures. */
  public static final String FASTESTDET_CONFIG =
      "{\"input\": {\"width\": 352, \"height\": 352, \"channelOrder\": \"BGR\", \"scale\": [0.00392156862745098]}, "
          + "\"postprocess\": {\"kind\": \"fastestdet\", \"confidence\": 0.5}}";

  /** As {@code models/ultraface-rfb-320.onnx} of the shared data wants its pictures. */
  public static final String ULTRAFACE_CONFIG =
      "{\"input\": {\"width\": 320, \"height\": 240, \"channelOrder\": \"RGB\", \"mean\": [127], \"scale\": [0.0078125]}, "
          + "\"labels\": [\"\", \"face\"], \"postprocess\": {\"kind\": \"boxes\", \"boxes\": \"boxes\", \"output\": \"scores\", \"background\": 0}}";

  public TestRepository put(String model, byte[] onnx) {
    try {
      Files.write(Files.createDirectories(version(model)).resolve("model.onnx"), onnx);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public TestRepository put(String model, Path onnx) {
    try {
      return put(model, Files.readAllBytes(onnx));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public TestRepository config(String model, String json) {
    try {
      Files.writeString(version(model).resolve("config.json"), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public Path file(String model) {
    return version(model).resolve("model.onnx");
  }

  private Path version(String model) {
    return directory.resolve(model).resolve("1");
  }
}
