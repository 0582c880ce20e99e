package dev.tilestream.kernel;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Operator;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

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
 * @param mapped the external weights themselves, by name, as the graph maps them; those of types that Java has no tensors of are only in
 *     {@code weights}
 * @param repack whether weights of matrix products are worth a second, faster layout: not when most meet a single row, where reading them
 *     is all the work; then they stay in the mapped file, which sessions and processes share
 */
record BandModel(
    byte[] bytes, String hash, List<String> inputs, List<String> outputs, Path weights, Map<String, Weight> mapped, boolean repack) {
  /** A constant in mapped memory; valid while the graph's {@link dev.tilestream.graph.Weights} are open. */
  record Weight(DataType type, Shape shape, ByteBuffer bytes) {}

  BandModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    mapped = Map.copyOf(mapped);
  }

  /** @throws IllegalArgumentException when a local operator has no form on a band; the graph should have made it global */
  static BandModel of(Band band) {
    BandWriter writer = new BandWriter(band);
    OperatorForms.write(writer);
    byte[] bytes = writer.model().toByteArray();
    Path weights = band.graph().weights().directory();
    return new BandModel(
        bytes, hash(bytes, weights), writer.inputNames(), writer.outputNames(), weights, writer.mapped(), repack(band));
  }

  /** The same weights and names for another graph of the same band. */
  BandModel of(byte[] graph) {
    return new BandModel(graph, hash(graph, weights), inputs, outputs, weights, mapped, repack);
  }

  private static boolean repack(Band band) {
    long single = 0;
    long several = 0;
    for (int id : band.operators()) {
      Operator o = band.graph().operator(id);
      boolean product = o.type().equals("Gemm") || o.type().equals("MatMul");
      if (!product || !band.graph().tensor(o.inputs().get(1)).constant()) continue;
      Shape left = band.graph().tensor(o.inputs().get(0)).shape();
      Shape right = band.graph().tensor(o.inputs().get(1)).shape();
      boolean row = left != null && left.rank() >= 1 && left.elements() == left.dim(left.rank() - 1);
      if (row) single += right.elements();
      else several += right.elements();
    }
    return several >= single;
  }

  private static String hash(byte[] bytes, Path weights) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.valueOf(weights).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
