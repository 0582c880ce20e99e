package dev.tilestream.graph.onnx;

import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import onnx.Onnx;

/** SHA-256 of all that a graph is made from: the model, the files of weights beside it, the input shapes, pixels in front of it. */
final class ContentHash {
  private static final int CHUNK = 1 << 20;

  private ContentHash() {}

  static String of(ByteBuffer bytes, Onnx.ModelProto model, Path directory, Map<String, Shape> shapes, Optional<Pixels> pixels) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.duplicate());
      for (Path file : ExternalData.files(model, directory)) add(digest, file);
      for (Map.Entry<String, Shape> e : new TreeMap<>(shapes).entrySet())
        digest.update((e.getKey() + e.getValue()).getBytes(StandardCharsets.UTF_8));
      pixels.ifPresent(p -> digest.update(p.signature().getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(MessageDigest digest, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) digest.update(chunk, 0, n);
    } catch (IOException e) {
      throw new ModelRefused("model: external data %s can't be read".formatted(file.getFileName()), e);
    }
  }
}
