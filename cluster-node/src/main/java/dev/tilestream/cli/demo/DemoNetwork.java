package dev.tilestream.cli.demo;

import dev.tilestream.tensor.DataType;
import java.util.List;

/**
 * A convolutional network like those that robots carry: a camera picture goes in as it comes, uint8 and normalised by the network itself;
 * an encoder with residual blocks works at a half down to a sixteenth of its size; a head says for every cell of 16 x 16 pixels what is
 * there. Its weights are seeded noise, so it recognises nothing; its shape, its work and its traffic are real. About 2 GFLOP, 1.2 MB.
 */
public final class DemoNetwork {
  public static final String NAME = "scout";
  public static final int WIDTH = 640;
  public static final int HEIGHT = 448;

  private static final long SEED = 20_240_519;
  private static final int CELL_VALUES = 12;

  private DemoNetwork() {}

  /** The ONNX model, the same bytes at every call. */
  public static byte[] onnx() {
    NetworkBuilder net = new NetworkBuilder(NAME, SEED);
    net.input("camera", DataType.UINT8, List.of(1L, 3L, (long) HEIGHT, (long) WIDTH));
    String x = net.cast("camera", DataType.FLOAT32);
    x = net.scale(x, 1 / 128f, -1);
    x = net.relu(net.convolution(x, 3, 16, 3, 2));
    x = net.relu(net.convolution(x, 16, 24, 3, 2));
    x = residual(net, x, 24);
    x = net.relu(net.convolution(x, 24, 48, 3, 2));
    x = residual(net, x, 48);
    x = residual(net, x, 48);
    x = net.relu(net.convolution(x, 48, 96, 3, 2));
    x = residual(net, x, 96);
    String cells = net.sigmoid(net.convolution(x, 96, CELL_VALUES, 1, 1));
    net.output("cells", cells, List.of(1L, (long) CELL_VALUES, HEIGHT / 16L, WIDTH / 16L));
    return net.build();
  }

  private static String residual(NetworkBuilder net, String x, int channels) {
    String y = net.relu(net.convolution(x, channels, channels, 3, 1));
    return net.relu(net.add(x, net.convolution(y, channels, channels, 3, 1)));
  }
}
