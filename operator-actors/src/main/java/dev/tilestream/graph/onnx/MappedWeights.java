package dev.tilestream.graph.onnx;

import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.Weights;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DirectMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import onnx.Onnx;

/** Large constants in one mapped file, small ones copied into direct memory; each tensor's bytes are a view of one of them. */
final class MappedWeights implements Weights {
  private final Path directory;
  private final List<ByteBuffer> owned = new ArrayList<>();
  private final List<ByteBuffer> byTensor = new ArrayList<>();

  private ImportCache.Hold hold;

  private MappedWeights(Path directory) {
    this.directory = directory;
  }

  /** @param initializers by tensor id, null where the tensor is no constant */
  static MappedWeights open(Path directory, List<Onnx.TensorProto> initializers) {
    MappedWeights weights = new MappedWeights(directory);
    int inline = 0;
    for (Onnx.TensorProto t : initializers) if (t != null && !external(t)) inline += aligned(size(t));
    ByteBuffer small = ByteBuffer.allocateDirect(inline);
    weights.owned.add(small);
    Path file = directory.resolve(RuntimeSessions.WEIGHTS);
    try (FileChannel channel = Files.exists(file) ? FileChannel.open(file, StandardOpenOption.READ) : null) {
      MappedByteBuffer whole = channel == null || channel.size() > Integer.MAX_VALUE ? null : weights.map(channel, 0, channel.size());
      for (Onnx.TensorProto t : initializers) {
        if (t == null) weights.byTensor.add(null);
        else if (!external(t)) weights.byTensor.add(readOnly(copy(t, small)));
        else weights.byTensor.add(readOnly(weights.view(t, whole, channel)));
      }
    } catch (IOException e) {
      weights.close();
      throw new UncheckedIOException("weights: " + file, e);
    }
    return weights;
  }

  /** Takes over what keeps the files where they are: kernels that are made later read them, too. */
  void keep(ImportCache.Hold files) {
    hold = files;
    ImportCache.closeWith(this, files);
  }

  private MappedByteBuffer map(FileChannel channel, long offset, long length) throws IOException {
    MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
    owned.add(mapped);
    return mapped;
  }

  private ByteBuffer view(Onnx.TensorProto t, MappedByteBuffer whole, FileChannel channel) throws IOException {
    long offset = 0;
    for (Onnx.StringStringEntryProto e : t.getExternalDataList()) if (e.getKey().equals("offset")) offset = Long.parseLong(e.getValue());
    if (channel == null || offset + size(t) > channel.size())
      throw new IOException("%s: %d bytes at %d (expected: within the file)".formatted(t.getName(), size(t), offset));
    return whole == null ? map(channel, offset, size(t)) : whole.slice((int) offset, size(t));
  }

  private static boolean external(Onnx.TensorProto t) {
    return t.getExternalDataCount() > 0;
  }

  /** Bytes; 0 for what has no fixed-size elements, which nobody reads here. */
  private static int size(Onnx.TensorProto t) {
    if (!DataType.knows(t.getDataType())) return 0;
    long size = DataType.of(t.getDataType()).bytes();
    for (long d : t.getDimsList()) size = Math.multiplyExact(size, d);
    return Math.toIntExact(size);
  }

  private static int aligned(int bytes) {
    return (bytes + 7) & -8;
  }

  private static ByteBuffer copy(Onnx.TensorProto t, ByteBuffer into) {
    int size = size(t);
    ByteBuffer bytes = into.slice(into.position(), size).order(ByteOrder.LITTLE_ENDIAN);
    into.position(into.position() + aligned(size));
    if (size > 0) InlineConstant.write(t, bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    return bytes;
  }

  private static ByteBuffer readOnly(ByteBuffer bytes) {
    return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public ByteBuffer bytes(int constantTensor) {
    ByteBuffer bytes = byTensor.get(constantTensor);
    if (bytes == null) throw new IllegalArgumentException("tensor %d: no constant".formatted(constantTensor));
    return bytes.duplicate().rewind().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Values of a constant as numbers, whatever their type. */
  double[] values(Tensor constant) {
    return InlineConstant.values(constant.type(), bytes(constant.id()));
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public void close() {
    byTensor.clear();
    owned.forEach(DirectMemory::free);
    owned.clear();
    if (hold != null) hold.close();
  }
}
