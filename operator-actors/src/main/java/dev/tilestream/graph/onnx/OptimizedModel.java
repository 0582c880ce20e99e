package dev.tilestream.graph.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tilestream.tensor.DirectMemory;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import onnx.Onnx;

/**
 * A model folded and fused by ONNX Runtime, in a directory of its own under a cache. The directory appears in one step, complete, so
 * processes that import the same model at the same time don't meet.
 *
 * @param model all values with types and, where known, shapes; large constants refer to the weights file in {@code directory}
 * @param hold keeps the directory where it is; the caller closes it once nobody needs the files any more
 */
record OptimizedModel(Onnx.ModelProto model, Path directory, ImportCache.Hold hold) {
  /** Times that another process may remove it between our making and our using it. */
  private static final int ATTEMPTS = 3;

  static OptimizedModel of(String hash, Onnx.ModelProto original, Path externals, Map<String, Shape> shapes, Path cache) {
    Path directory = directory(hash, cache);
    try {
      ImportCache.Hold hold = made(original, externals, shapes, cache, directory);
      try {
        return new OptimizedModel(Onnx.ModelProto.parseFrom(Files.readAllBytes(directory.resolve(RuntimeSessions.GRAPH))), directory, hold);
      } catch (IOException | RuntimeException e) {
        hold.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("model cache " + cache, e);
    }
  }

  private static Path directory(String hash, Path cache) {
    return cache.resolve(hash + "-" + OrtEnvironment.getEnvironment().getVersion());
  }

  /** Has another process make it, and all that follows from it, unless it is there. */
  static void makeElsewhere(String hash, ImportProcess.Task task, Path cache, Isolation isolation) {
    Path directory = directory(hash, cache);
    if (Files.exists(directory.resolve(RuntimeSessions.GRAPH))) return;
    try {
      Files.createDirectories(cache);
      // A cache of its own: what it leaves is moved to ours only when it has come to a good end.
      Path work = Files.createTempDirectory(cache, ImportCache.WORK);
      try {
        ImportProcess.run(task, work, isolation);
        publish(work.resolve(directory.getFileName()), directory);
      } finally {
        ImportCache.delete(work);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("model cache " + cache, e);
    }
  }

  /** Makes it unless it is there, and keeps it from being trimmed by another process. */
  private static ImportCache.Hold made(
      Onnx.ModelProto original, Path externals, Map<String, Shape> shapes, Path cache, Path directory) throws IOException {
    for (int attempt = 1; ; attempt++) {
      if (!Files.exists(directory.resolve(RuntimeSessions.GRAPH))) make(original, externals, shapes, cache, directory);
      try {
        return ImportCache.hold(directory);
      } catch (NoSuchFileException e) {
        if (attempt == ATTEMPTS) throw e;
      }
    }
  }

  private static void make(Onnx.ModelProto original, Path externals, Map<String, Shape> shapes, Path cache, Path directory)
      throws IOException {
    Files.createDirectories(cache);
    Path work = Files.createTempDirectory(cache, ImportCache.WORK);
    try {
      Path fixed = work.resolve("fixed.onnx");
      try (OutputStream out = Files.newOutputStream(fixed)) {
        FixedModel.of(original, shapes).writeTo(out);
      }
      Path made = Files.createDirectory(work.resolve("made"));
      MappedByteBuffer bytes = ModelFile.map(fixed);
      try {
        RuntimeSessions.rewrite(bytes, externals, OptLevel.BASIC_OPT, made);
      } finally {
        DirectMemory.free(bytes);
      }
      Onnx.ModelProto optimized = Onnx.ModelProto.parseFrom(Files.readAllBytes(made.resolve(RuntimeSessions.GRAPH)));
      Onnx.ModelProto annotated = ShapeDiscovery.annotate(optimized, made, work.resolve("scratch"));
      Files.write(made.resolve(RuntimeSessions.GRAPH), annotated.toByteArray());
      publish(made, directory);
    } catch (OrtException e) {
      throw new ModelRefused("ONNX Runtime can't run this model: " + RuntimeSessions.reason(e), e);
    } finally {
      ImportCache.delete(work);
    }
  }

  private static void publish(Path made, Path directory) throws IOException {
    try {
      Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      // Another process was first; what it made is equal.
      if (!Files.exists(directory.resolve(RuntimeSessions.GRAPH))) throw e;
    }
  }
}
