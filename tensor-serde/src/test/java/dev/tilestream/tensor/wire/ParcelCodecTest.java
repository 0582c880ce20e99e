package dev.tilestream.tensor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Packing;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RandomSlices;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ParcelCodecTest {
  private static final WireLimits LIMITS = new WireLimits(1 << 20, 1 << 24, 8, 1 << 20);

  private final BufferPool pool = BufferPool.bounded(64 << 20, 1 << 20);

  @AfterEach
  void everythingCameBack() {
    assertThat(pool.inUse()).isZero();
    pool.close();
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void everyTypeComesBackAsItWas(DataType type) {
    RandomSlices slices = new RandomSlices(type.code(), pool, 9);
    Shape shape = Shape.of(2, 3, 9, 4);
    TensorSlice rows = slices.slice(type, shape, 2, RowSpan.of(3, 7));
    assertComesBack(new Parcel(new DeploymentId(-5, 3), new InferenceId(Long.MIN_VALUE, 77), 12, -9, rows), true);
  }

  @Test
  void anyParcelComesBackAsItWasThroughHeapAndDirectBuffers() {
    RandomSlices slices = new RandomSlices(11, pool, 8);
    int strided = 0;
    int empty = 0;
    int indivisible = 0;
    for (int i = 0; i < 4_000; i++) {
      Parcel parcel = slices.parcel();
      if (!parcel.rows().dense()) strided++;
      if (parcel.rows().bytes() == 0) empty++;
      if (parcel.rows().axis() < 0) indivisible++;
      assertComesBack(parcel, i % 2 == 0);
    }
    assertThat(strided).isGreaterThan(500);
    assertThat(empty).isGreaterThan(100);
    assertThat(indivisible).isGreaterThan(500);
  }

  /** Releases the parcel. */
  private void assertComesBack(Parcel parcel, boolean direct) {
    int size = ParcelCodec.encodedSize(parcel);
    ByteBuffer target = direct ? ByteBuffer.allocateDirect(size + 20) : ByteBuffer.allocate(size + 20);
    target.position(13);
    ParcelCodec.write(parcel, target);
    assertThat(target.position()).isEqualTo(13 + size);
    target.limit(target.position()).position(13);
    Parcel back = ParcelCodec.read(target.asReadOnlyBuffer(), pool, LIMITS);
    assertThat(back).usingRecursiveComparison().ignoringFields("rows").isEqualTo(parcel);
    TensorSlice was = parcel.rows();
    TensorSlice is = back.rows();
    assertThat(is.tensor()).isEqualTo(was.tensor());
    assertThat(is.type()).isEqualTo(was.type());
    assertThat(is.shape()).isEqualTo(was.shape());
    assertThat(is.axis()).isEqualTo(was.axis());
    assertThat(is.span()).isEqualTo(was.span());
    assertThat(is.dense()).isTrue();
    assertThat(RandomSlices.bytesOf(is)).isEqualTo(RandomSlices.bytesOf(was));
    is.release();
    was.release();
  }

  @Test
  void packedRowsComeBackAsTheyWere() {
    TensorSlice held = TensorSlice.allocate(pool, 3, DataType.FLOAT32, Shape.of(2, 16, 64), 1, RowSpan.first(16));
    ByteBuffer data = held.data();
    while (data.hasRemaining()) data.putFloat(data.position() % 7);
    TensorSlice rows = held.rows(RowSpan.of(2, 13));
    try (Packing packing = new Packing()) {
      Parcel parcel = new Parcel(new DeploymentId(1, 2), new InferenceId(3, 4), 5, 6, packing.pack(rows, pool).orElseThrow());
      assertThat(parcel.wireBytes()).isEqualTo(parcel.rows().wireBytes()).isLessThan(rows.bytes() / 2);
      byte[] bytes = encoded(parcel);
      Parcel back = ParcelCodec.read(ByteBuffer.wrap(bytes), pool, LIMITS);
      assertThat(back).usingRecursiveComparison().ignoringFields("rows").isEqualTo(parcel);
      assertThat(RandomSlices.bytesOf(back.rows())).isEqualTo(RandomSlices.bytesOf(rows));
      back.rows().release();
      bytes[bytes.length - 1] ^= 64;
      bytes[bytes.length - 9] ^= 64;
      ByteBuffer bad = ByteBuffer.wrap(bytes);
      assertThatThrownBy(() -> ParcelCodec.read(bad, pool, LIMITS)).isInstanceOf(WireFormatException.class).hasMessageContaining("packed bytes");
    }
    rows.release();
    held.release();
  }

  @Test
  void theBytesOfVersionOneNeverChange() {
    byte[] bytes = encoded(parcel());
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(
        "5453" + "01" + "00" + "02" + "02" + "04" + "00"
            + "efcdab8967452301" + "04000000" + "05000000"
            + "0600000000000000" + "0700000000000000"
            + "08000000" + "09000000"
            + "01000000" + "03000000" + "08000000"
            + "01000000" + "02000000" + "05000000" + "02000000"
            + "1011121314151617");
  }

  @Test
  void writingIntoTooSmallABufferWritesNothing() {
    Parcel parcel = parcel();
    ByteBuffer target = ByteBuffer.allocate(ParcelCodec.encodedSize(parcel) - 1);
    assertThatThrownBy(() -> ParcelCodec.write(parcel, target)).isInstanceOf(BufferOverflowException.class);
    assertThat(target.position()).isZero();
    assertThat(target.array()).containsOnly(0);
    parcel.rows().release();
  }

  @Test
  void writingAReleasedParcelIsRefused() {
    Parcel parcel = parcel();
    parcel.rows().release();
    ByteBuffer target = ByteBuffer.allocate(200);
    assertThatThrownBy(() -> ParcelCodec.write(parcel, target)).isInstanceOf(IllegalStateException.class);
    assertThat(target.position()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
      "0,  1, 0x00,       magic,    'expected: 5354'",
      "2,  1, 2,          version,  'parcel version: 2 (expected: 1)'",
      "3,  1, 2,          encoding, 'parcel encoding: 2 (expected: 0, raw, or 1, packed)'",
      "3,  1, 1,          payload,  'parcel payload: 8 (expected: 1 to 7 bytes, less than the rows)'",
      "4,  1, 8,          dtype,    'parcel dtype: 8'",
      "4,  1, -1,         dtype,    'parcel dtype: -1'",
      "5,  1, 4,          axis,     'parcel axis: 4 (expected: -1 <= axis < rank 4)'",
      "5,  1, -2,         axis,     'parcel axis: -2'",
      "6,  1, 9,          rank,     'parcel rank: 9 (expected: at most 8)'",
      "6,  1, 7,          length,   'at least 88 bytes for rank 7'",
      "20, 4, -4,         tile,     'parcel tile: -4 (expected: at least -3)'",
      "48, 4, -1,         span,     'parcel span: [-1, 3)'",
      "48, 4, 3,          span,     'parcel span: [3, 3)'",
      "52, 4, 6,          span,     '(expected: 0 <= from < to <= 5)'",
      "52, 4, 2147483647, span,     '[1, 2147483647)'",
      "56, 4, -1,         payload,  'parcel payload: -1'",
      "56, 4, 2147483647, payload,  'parcel payload: 2147483647 (expected: 8 bytes'",
      "56, 4, 7,          payload,  'parcel payload: 7 (expected: 8 bytes, as dtype, dims and span say)'",
      "60, 4, -1,         dims[0],  'parcel dims[0]: -1'",
      "60, 4, 16777216,   dims[1],  'parcel dims[1]: 2 (expected: a tensor of at most 16777216 bytes)'",
      "64, 4, 3,          payload,  'parcel payload: 8 (expected: 12 bytes'",
      "68, 4, 2000000,    dims[2],  'at most 1048576 rows'",
  })
  void everyBadFieldIsNamed(int offset, int width, String value, String field, String message) {
    byte[] bytes = encoded(parcel());
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int v = Integer.decode(value);
    if (width == 4) view.putInt(offset, v);
    else view.put(offset, (byte) v);
    WireFormatException refusal = refusal(bytes, bytes.length);
    assertThat(refusal.field()).isEqualTo(field);
    assertThat(refusal).hasMessageContaining(message);
  }

  @Test
  void dimensionsWhoseProductOverflowsAreRefusedEvenBesideAZero() {
    RandomSlices slices = new RandomSlices(1, pool, 1);
    TensorSlice none = slices.slice(DataType.FLOAT64, Shape.of(0, 1, 1, 1), -1, RowSpan.first(1));
    byte[] bytes = encoded(new Parcel(new DeploymentId(1, 1), new InferenceId(1, 1), 1, 1, none));
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int d = 1; d < 4; d++) view.putInt(60 + 4 * d, Integer.MAX_VALUE);
    assertThat(refusal(bytes, bytes.length).field()).isEqualTo("dims[1]");
  }

  @Test
  void everyTruncationAndEveryTrailingByteIsRefused() {
    byte[] bytes = encoded(parcel());
    for (int length = 0; length < bytes.length; length++) {
      WireFormatException refusal = refusal(bytes, length);
      assertThat(refusal.field()).as("of a message of %d bytes", length).isEqualTo("length");
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThat(refusal(longer, longer.length)).hasMessageContaining("9 (expected: 8 bytes of payload, no more and no less)");
  }

  @Test
  void aFullPoolIsToldApartFromABadMessage() {
    byte[] bytes = encoded(parcel());
    try (BufferPool tiny = BufferPool.bounded(1024, 0)) {
      ByteBuffer input = ByteBuffer.wrap(bytes);
      assertThatThrownBy(() -> ParcelCodec.read(input, tiny, LIMITS)).isInstanceOf(BufferPool.Exhausted.class);
      assertThat(input.position()).isZero();
    }
  }

  /** Refused with the input where it was and no memory taken. */
  private WireFormatException refusal(byte[] bytes, int length) {
    ByteBuffer input = ByteBuffer.wrap(bytes, 0, length);
    WireFormatException e = catchThrowableOfType(WireFormatException.class, () -> ParcelCodec.read(input, pool, LIMITS));
    assertThat(e).as("refusal").isNotNull();
    assertThat(input.position()).isZero();
    assertThat(pool.inUse()).isZero();
    return e;
  }

  /** Rows [1, 3) of two channels of five rows, held with one row more; bytes 0x10 to 0x17. */
  private Parcel parcel() {
    Shape shape = Shape.of(1, 2, 5, 2);
    TensorSlice held = TensorSlice.allocate(pool, 9, DataType.UINT8, shape, 2, RowSpan.of(0, 3));
    held.data().put(new byte[] {-1, -1, 0x10, 0x11, 0x12, 0x13, -1, -1, 0x14, 0x15, 0x16, 0x17});
    TensorSlice rows = held.rows(RowSpan.of(1, 3));
    held.release();
    return new Parcel(new DeploymentId(0x0123456789ABCDEFL, 4), new InferenceId(6, 7), 5, 8, rows);
  }

  /** Releases the parcel. */
  private static byte[] encoded(Parcel parcel) {
    byte[] bytes = new byte[ParcelCodec.encodedSize(parcel)];
    ParcelCodec.write(parcel, ByteBuffer.wrap(bytes));
    parcel.rows().release();
    return bytes;
  }
}
