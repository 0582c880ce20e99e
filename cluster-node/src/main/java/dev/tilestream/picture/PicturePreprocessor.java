package dev.tilestream.picture;

import dev.tilestream.picture.PictureInput.ChannelOrder;
import dev.tilestream.picture.PictureInput.Layout;
import dev.tilestream.picture.PictureInput.Resize;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.HalfFloat;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Makes a model's input of a JPEG or PNG: decodes, resizes (bilinear, pixel centres at one half, as OpenCV's {@code INTER_LINEAR} does with
 * bytes: to whole numbers, whatever the type of the input) and normalises. Thread-safe; takes tens of milliseconds for large pictures, so not
 * for an actor's thread.
 */
public final class PicturePreprocessor {
  private static final int[] RGB = {0, 1, 2};
  private static final int[] BGR = {2, 1, 0};

  private final PictureDecoder decoder;

  public PicturePreprocessor(PictureLimits limits) {
    this(limits, PictureMemory.UNBOUNDED);
  }

  /** @param memory asked before a picture is decoded, once its header has told how large it is */
  public PicturePreprocessor(PictureLimits limits, PictureMemory memory) {
    decoder = new PictureDecoder(limits, memory);
  }

  /** Shape of the tensor that {@link #prepare} makes: rank 4, or 3 without the batch dimension. */
  public static Shape shape(PictureInput input, int rank) {
    int channels = input.channelOrder().channels();
    int[] picture = input.layout() == Layout.NCHW
        ? new int[] {channels, input.height(), input.width()}
        : new int[] {input.height(), input.width(), channels};
    if (rank == 3) return Shape.of(picture);
    if (rank == 4) return Shape.of(1, picture[0], picture[1], picture[2]);
    throw new IllegalArgumentException("picture input: rank %d (expected: 3 or 4)".formatted(rank));
  }

  /**
   * @param picture closed at the end
   * @param rank of the model's input, 3 or 4
   * @return with a dense slice, tensor id 0, no split axis; the caller releases it
   * @throws PictureFault when the picture cannot be used
   * @throws BufferPool.Exhausted when there is no memory for the input
   */
  public PreparedPicture prepare(InputStream picture, PictureInput input, DataType type, int rank, BufferPool pool) {
    Shape shape = shape(input, rank);
    Store store = store(type);
    return decoder.decode(picture, pixels -> prepared(pixels, input, type, shape, store, pool));
  }

  private static PreparedPicture prepared(Pixels pixels, PictureInput input, DataType type, Shape shape, Store store, BufferPool pool) {
    Placement placement = placement(pixels, input);
    TensorSlice tensor = TensorSlice.allocate(pool, 0, type, shape, -1, TensorSlice.all(shape, -1));
    try {
      fill(tensor.data(), placement, pixels, input, store);
      return new PreparedPicture(tensor, placement);
    } catch (RuntimeException e) {
      tensor.release();
      throw e;
    }
  }

  private static Placement placement(Pixels pixels, PictureInput input) {
    double scaleX = (double) input.width() / pixels.width();
    double scaleY = (double) input.height() / pixels.height();
    if (input.resize() == Resize.STRETCH) return new Placement(pixels.width(), pixels.height(), scaleX, scaleY, 0, 0);
    double scale = Math.min(scaleX, scaleY);
    double offsetX = Math.floor((input.width() - Math.round(pixels.width() * scale)) / 2.0);
    double offsetY = Math.floor((input.height() - Math.round(pixels.height() * scale)) / 2.0);
    return new Placement(pixels.width(), pixels.height(), scale, scale, offsetX, offsetY);
  }

  private static void fill(ByteBuffer bytes, Placement placement, Pixels pixels, PictureInput input, Store store) {
    boolean planar = input.layout() == Layout.NCHW;
    int channels = input.channelOrder().channels();
    int plane = input.width() * input.height();
    double[] taps = new double[3];
    Taps across = Taps.of(input.width(), pixels.width(), placement.scaleX(), placement.offsetX());
    Taps down = Taps.of(input.height(), pixels.height(), placement.scaleY(), placement.offsetY());
    for (int y = 0; y < input.height(); y++) {
      for (int x = 0; x < input.width(); x++) {
        sample(pixels, across, x, down, y, input.pad(), taps);
        int pixel = y * input.width() + x;
        for (int c = 0; c < channels; c++) {
          double value = (channel(taps, input.channelOrder(), c) - input.mean().get(c)) * input.scale().get(c);
          store.put(bytes, planar ? c * plane + pixel : pixel * channels + c, value);
        }
      }
    }
  }

  private static double channel(double[] rgb, ChannelOrder order, int channel) {
    return switch (order) {
      case RGB -> rgb[RGB[channel]];
      case BGR -> rgb[BGR[channel]];
      case GRAY -> rounded(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);
    };
  }

  private static void sample(Pixels pixels, Taps across, int x, Taps down, int y, int pad, double[] rgb) {
    int x0 = across.first[x];
    int y0 = down.first[y];
    if (x0 < 0 || y0 < 0) {
      Arrays.fill(rgb, pad);
      return;
    }
    int x1 = Math.min(x0 + 1, pixels.width() - 1);
    int y1 = Math.min(y0 + 1, pixels.height() - 1);
    double right = across.second[x];
    double low = down.second[y];
    for (int c = 0; c < 3; c++) {
      double top = pixels.at(x0, y0, c) * (1 - right) + pixels.at(x1, y0, c) * right;
      double bottom = pixels.at(x0, y1, c) * (1 - right) + pixels.at(x1, y1, c) * right;
      rgb[c] = rounded(top * (1 - low) + bottom * low);
    }
  }

  private static double rounded(double value) {
    return Math.floor(value + 0.5);
  }

  /** Along one side: the first of the two pixels that make each output pixel (-1: none, padding) and the weight of the second. */
  private record Taps(int[] first, double[] second) {
    static Taps of(int outputs, int pixels, double scale, double offset) {
      Taps taps = new Taps(new int[outputs], new double[outputs]);
      long covered = Math.round(pixels * scale);
      for (int i = 0; i < outputs; i++) {
        double inside = i - offset;
        if (inside < 0 || inside >= covered) {
          taps.first[i] = -1;
          continue;
        }
        double at = Math.max(0, Math.min(pixels - 1, (inside + 0.5) / scale - 0.5));
        taps.first[i] = (int) at;
        taps.second[i] = at - taps.first[i];
      }
      return taps;
    }
  }

  private interface Store {
    void put(ByteBuffer bytes, int element, double value);
  }

  private static Store store(DataType type) {
    return switch (type) {
      case FLOAT32 -> (b, i, v) -> b.putFloat(i * 4, (float) v);
      case FLOAT64 -> (b, i, v) -> b.putDouble(i * 8, v);
      case FLOAT16 -> (b, i, v) -> b.putShort(i * 2, HalfFloat.toFloat16((float) v));
      case BFLOAT16 -> (b, i, v) -> b.putShort(i * 2, HalfFloat.toBfloat16((float) v));
      case UINT8 -> (b, i, v) -> b.put(i, (byte) clip(v, 0, 255));
      case INT8 -> (b, i, v) -> b.put(i, (byte) clip(v, -128, 127));
      case INT32 -> (b, i, v) -> b.putInt(i * 4, (int) clip(v, Integer.MIN_VALUE, Integer.MAX_VALUE));
      default -> throw new IllegalArgumentException(
          "picture input: %s (expected: FP32, FP16, BF16, FP64, UINT8, INT8 or INT32)".formatted(type.protocolName()));
    };
  }

  private static long clip(double value, long least, long most) {
    return Math.max(least, Math.min(most, Math.round(value)));
  }
}
