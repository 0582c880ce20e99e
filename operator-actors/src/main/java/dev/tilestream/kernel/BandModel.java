package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * An ONNX model that computes exactly a {@link Band}: its inputs are the rows that the band holds, its outputs the rows asked for. What
 * lies beyond the rows that exist is padding, spelled out for this span; shapes, slices and tables are those of this span; a band of the
 * whole graph keeps its nodes as they are, so that ONNX Runtime fuses what it would fuse in the whole model. Bands that differ in
 * nothing but their position have equal bytes.
 *
 * @param bytes a serialized ModelProto; large weights are not in it but in {@code weights}
 * @param hash SHA-256 of {@code bytes} and {@code weights}, in hex
 * @param inputs names of the model's inputs, one for each of the band's
 * @param outputs names of the model's outputs, one for each of the band's; a name comes twice when the same rows are asked for twice
 * @param weights directory that external weights are relative to
 */
record BandModel(byte[] bytes, String hash, List<String> inputs, List<String> outputs, Path weights) {
  BandModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** @throws IllegalArgumentException when a local operator has no form on a band; the graph should have made it global */
  static BandModel of(Band band) {
    BandWriter writer = new BandWriter(band);
    OperatorForms.write(writer);
    byte[] bytes = writer.model().toByteArray();
    Path weights = band.graph().weights().directory();
    return new BandModel(bytes, hash(bytes, weights), writer.inputNames(), writer.outputNames(), weights);
  }

  private static String hash(byte[] bytes, Path weights) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.valueOf(weights).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
