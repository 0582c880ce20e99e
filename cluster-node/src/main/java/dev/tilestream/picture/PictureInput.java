package dev.tilestream.picture;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.List;

/**
 * How a model wants a picture: {@code input} in its {@code config.json}. A channel's value is {@code (pixel - mean) x scale} with pixels
 * from 0 to 255; that is stored in the type of the model's input, rounded and clipped for integer types.
 *
 * @param name of the model's input; empty when it has only one
 * @param layout default NCHW
 * @param channelOrder default RGB
 * @param mean one for all channels or one each, in {@code channelOrder}; default 0
 * @param scale likewise; default 1
 * @param resize default stretch
 * @param pad pixel value beside a letterboxed picture, 0 to 255; default 114
 */
public record PictureInput(
    String name,
    int width,
    int height,
    Layout layout,
    ChannelOrder channelOrder,
    List<Double> mean,
    List<Double> scale,
    Resize resize,
    Integer pad) {
  /** Larger inputs are a mistake in the settings. */
  private static final int LARGEST_SIDE = 16_384;

  /** Order of the dimensions behind the batch: channels first, or last. */
  public enum Layout {
    NCHW,
    NHWC
  }

  /** What the channels are. GRAY is one channel, ITU-R BT.601 luma. */
  public enum ChannelOrder {
    RGB(3),
    BGR(3),
    GRAY(1);

    private final int channels;

    ChannelOrder(int channels) {
      this.channels = channels;
    }

    public int channels() {
      return channels;
    }
  }

  /** How another aspect ratio is met. */
  public enum Resize {
    /** Both sides are scaled on their own. */
    @JsonProperty("stretch")
    STRETCH,
    /** Scaled as one and centred, the rest filled. */
    @JsonProperty("letterbox")
    LETTERBOX
  }

  public PictureInput {
    name = name == null ? "" : name;
    checkSide("width", width);
    checkSide("height", height);
    layout = layout == null ? Layout.NCHW : layout;
    channelOrder = channelOrder == null ? ChannelOrder.RGB : channelOrder;
    mean = perChannel("mean", mean, 0, channelOrder);
    scale = perChannel("scale", scale, 1, channelOrder);
    resize = resize == null ? Resize.STRETCH : resize;
    pad = pad == null ? 114 : pad;
    if (pad < 0 || pad > 255) throw new IllegalArgumentException("pad: %d (expected: 0 to 255)".formatted(pad));
  }

  /** The same picture as pixels: not normalised, which the graph does. */
  public PictureInput pixels() {
    return new PictureInput(name, width, height, layout, channelOrder, List.of(0.0), List.of(1.0), resize, pad);
  }

  private static void checkSide(String field, int side) {
    if (side < 1 || side > LARGEST_SIDE)
      throw new IllegalArgumentException("%s: %d (expected: 1 to %d)".formatted(field, side, LARGEST_SIDE));
  }

  private static List<Double> perChannel(String field, List<Double> values, double otherwise, ChannelOrder order) {
    int channels = order.channels();
    if (values == null) return Collections.nCopies(channels, otherwise);
    if (values.size() != 1 && values.size() != channels)
      throw new IllegalArgumentException("%s: %d numbers (expected: 1 or %d, for %s)".formatted(field, values.size(), channels, order));
    for (Double value : values)
      if (value == null || !Double.isFinite(value))
        throw new IllegalArgumentException("%s: %s (expected: numbers)".formatted(field, value));
    return values.size() == channels ? List.copyOf(values) : Collections.nCopies(channels, values.get(0));
  }
}
