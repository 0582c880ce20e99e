package dev.tilestream.bench;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import dev.tilestream.tensor.wire.ParcelCodec;
import dev.tilestream.tensor.wire.WireLimits;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The codec on one core with 512 KiB float32 slices: dense ones, and bands of an NCHW tensor that lie in memory as one run per channel.
 * An operation is a byte of payload, so the score in ops/ns reads as GB/s. {@link #copy} is the yardstick: the same bytes, copied once.
 *
 * <p>With one slice everything stays in the second-level cache, as when a kernel has just written its rows; with 128 slices and as many
 * messages (128 MiB and more) every byte comes from main memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(CodecBenchmark.PAYLOAD)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgs = "-XX:MaxDirectMemorySize=1g")
public class CodecBenchmark {
  static final int PAYLOAD = 512 * 1024;
  private static final WireLimits LIMITS = new WireLimits(1 << 20, 1 << 26, 8, 1 << 16);

  /** Rows of 64 floats in how many runs. */
  @Param({"1", "64", "512"})
  public int runs;

  @Param({"1", "128"})
  public int slices;

  private BufferPool pool;
  private Parcel[] parcels;
  private ByteBuffer[] messages;
  private int next;

  @Setup
  public void allocate() {
    pool = BufferPool.bounded(1 << 29, 1 << 20);
    parcels = new Parcel[slices];
    messages = new ByteBuffer[slices];
    for (int i = 0; i < slices; i++) {
      parcels[i] = parcel();
      messages[i] = ByteBuffer.allocateDirect(ParcelCodec.encodedSize(parcels[i]));
      ParcelCodec.write(parcels[i], messages[i]);
    }
  }

  /** A whole tensor in one run, or the middle half of its rows in one run per channel. */
  private Parcel parcel() {
    int rows = PAYLOAD / (runs * 64 * Float.BYTES);
    int height = runs == 1 ? rows : 2 * rows;
    Shape shape = Shape.of(1, runs, height, 64);
    TensorSlice held = TensorSlice.allocate(pool, 1, DataType.FLOAT32, shape, 2, RowSpan.first(height));
    ByteBuffer values = held.data();
    while (values.hasRemaining()) values.putFloat(values.position());
    TensorSlice band = held.rows(runs == 1 ? RowSpan.first(rows) : RowSpan.of(rows / 2, rows / 2 + rows));
    held.release();
    if (band.bytes() != PAYLOAD || band.runs() != runs)
      throw new IllegalStateException("%s in %d runs (expected: %d bytes in %d)".formatted(band, band.runs(), PAYLOAD, runs));
    return new Parcel(new DeploymentId(1, 1), new InferenceId(1, 1), 1, 1, band);
  }

  @TearDown
  public void free() {
    for (Parcel parcel : parcels) parcel.rows().release();
    if (pool.inUse() != 0) throw new IllegalStateException("leaked: " + pool);
    pool.close();
  }

  /** Into a transport's buffer and out of it into pooled memory. */
  @Benchmark
  public int encodeAndDecode() {
    int i = turn();
    ParcelCodec.write(parcels[i], messages[i].clear());
    return decode(messages[i].flip());
  }

  @Benchmark
  public int encode() {
    int i = turn();
    ParcelCodec.write(parcels[i], messages[i].clear());
    return messages[i].position();
  }

  @Benchmark
  public int decode() {
    return decode(messages[turn()].clear());
  }

  /** What the memory can do. */
  @Benchmark
  public ByteBuffer copy() {
    int i = turn();
    return messages[i].put(0, parcels[i].rows().buffer().bytes(), 0, PAYLOAD);
  }

  /** The pool alone: nanoseconds to acquire and release one buffer. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OperationsPerInvocation(1)
  public int acquireAndRelease() {
    NativeBuffer buffer = pool.acquire(PAYLOAD);
    buffer.release();
    return buffer.capacity();
  }

  private int turn() {
    next = next + 1 == slices ? 0 : next + 1;
    return next;
  }

  private int decode(ByteBuffer message) {
    Parcel back = ParcelCodec.read(message, pool, LIMITS);
    back.rows().release();
    return back.tile();
  }

  /** Runs this class, or of its methods those whose name matches the first argument, a regular expression. */
  public static void main(String[] arguments) throws RunnerException {
    String methods = arguments.length == 0 ? ".*" : arguments[0];
    new Runner(new OptionsBuilder().include(CodecBenchmark.class.getName() + "\\..*" + methods).build()).run();
  }
}
