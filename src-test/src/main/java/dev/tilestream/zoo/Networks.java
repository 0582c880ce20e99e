package dev.tilestream.zoo;

import dev.tilestream.zoo.Layers.Features;
import java.util.ArrayList;
import java.util.List;

/**
 * The layer structure and channel counts of well-known image classifiers, 1x3x224x224 to 1x1000, with seeded weights in place of
 * trained ones. Batch normalisation is left in, with random statistics.
 */
final class Networks {
  private static final int SIZE = 224;
  private static final int CLASSES = 1000;

  private Networks() {}

  /** SqueezeNet 1.1 (Iandola et al. 2016). */
  static OnnxModelBuilder squeezenet(long seed) {
    Layers l = new Layers("squeezenet", seed);
    Features x = l.relu(l.conv(l.input(3, SIZE, SIZE), 64, 3, 2, 0, 1, true));
    x = l.maxPool(x, 3, 2, 0, true);
    int[][] fires = {{16, 64}, {16, 64}, {}, {32, 128}, {32, 128}, {}, {48, 192}, {48, 192}, {64, 256}, {64, 256}};
    for (int[] f : fires) x = f.length == 0 ? l.maxPool(x, 3, 2, 0, true) : fire(l, x, f[0], f[1]);
    x = l.relu(l.conv(x, CLASSES, 1, 1, 0, 1, true));
    return l.output(l.pooledVector(x).value(), CLASSES);
  }

  private static Features fire(Layers l, Features x, int squeeze, int expand) {
    Features s = l.relu(l.conv(x, squeeze, 1, 1, 0, 1, true));
    return l.concat(List.of(l.relu(l.conv(s, expand, 1, 1, 0, 1, true)), l.relu(l.conv(s, expand, 3, 1, 1, 1, true))));
  }

  /** ResNet-50, version 1.5: the stride is in the 3x3 convolution (He et al. 2016). */
  static OnnxModelBuilder resnet50(long seed) {
    Layers l = new Layers("resnet50", seed);
    Features x = l.relu(l.batchNorm(l.conv(l.input(3, SIZE, SIZE), 64, 7, 2, 3, 1, false), 1));
    x = l.maxPool(x, 3, 2, 1, false);
    int[] blocks = {3, 4, 6, 3};
    for (int group = 0; group < blocks.length; group++)
      for (int block = 0; block < blocks[group]; block++) x = bottleneck(l, x, 64 << group, group > 0 && block == 0 ? 2 : 1);
    return l.output(l.fullyConnected(l.pooledVector(x), CLASSES).value(), CLASSES);
  }

  private static Features bottleneck(Layers l, Features x, int width, int stride) {
    Features y = l.relu(l.batchNorm(l.conv(x, width, 1, 1, 0, 1, false), 1));
    y = l.relu(l.batchNorm(l.conv(y, width, 3, stride, 1, 1, false), 1));
    y = l.batchNorm(l.conv(y, 4 * width, 1, 1, 0, 1, false), 0.3);
    boolean same = stride == 1 && x.channels() == 4 * width;
    return l.relu(l.add(y, same ? x : l.batchNorm(l.conv(x, 4 * width, 1, stride, 0, 1, false), 0.7)));
  }

  /** DenseNet-121 (Huang et al. 2017). */
  static OnnxModelBuilder densenet121(long seed) {
    int growth = 32;
    Layers l = new Layers("densenet121", seed);
    Features x = l.relu(l.batchNorm(l.conv(l.input(3, SIZE, SIZE), 64, 7, 2, 3, 1, false), 1));
    x = l.maxPool(x, 3, 2, 1, false);
    int[] blocks = {6, 12, 24, 16};
    for (int b = 0; b < blocks.length; b++) {
      List<Features> parts = new ArrayList<>(List.of(x));
      for (int layer = 0; layer < blocks[b]; layer++) {
        Features in = parts.size() == 1 ? x : l.concat(parts);
        Features y = l.conv(l.relu(l.batchNorm(in, 1)), 4 * growth, 1, 1, 0, 1, false);
        parts.add(l.conv(l.relu(l.batchNorm(y, 1)), growth, 3, 1, 1, 1, false));
      }
      x = l.relu(l.batchNorm(l.concat(parts), 1));
      if (b + 1 < blocks.length) x = l.averagePool(l.conv(x, x.channels() / 2, 1, 1, 0, 1, false), 2, 2);
    }
    return l.output(l.fullyConnected(l.pooledVector(x), CLASSES).value(), CLASSES);
  }

  /** VGG-19 (Simonyan and Zisserman 2015). */
  static OnnxModelBuilder vgg19(long seed) {
    Layers l = new Layers("vgg19", seed);
    Features x = l.input(3, SIZE, SIZE);
    int[][] blocks = {{64, 2}, {128, 2}, {256, 4}, {512, 4}, {512, 4}};
    for (int[] block : blocks) {
      for (int i = 0; i < block[1]; i++) x = l.relu(l.conv(x, block[0], 3, 1, 1, 1, true));
      x = l.maxPool(x, 2, 2, 0, false);
    }
    x = l.relu(l.fullyConnected(l.flatten(x, SIZE / 32, SIZE / 32), 4096));
    x = l.relu(l.fullyConnected(x, 4096));
    return l.output(l.fullyConnected(x, CLASSES).value(), CLASSES);
  }

  /** MobileNetV2, width 1 (Sandler et al. 2018). */
  static OnnxModelBuilder mobilenetV2(long seed) {
    Layers l = new Layers("mobilenet-v2", seed);
    Features x = l.relu6(l.batchNorm(l.conv(l.input(3, SIZE, SIZE), 32, 3, 2, 1, 1, false), 1));
    int[][] settings = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    for (int[] s : settings)
      for (int i = 0; i < s[2]; i++) x = invertedResidual(l, x, s[0], s[1], i == 0 ? s[3] : 1);
    x = l.relu6(l.batchNorm(l.conv(x, 1280, 1, 1, 0, 1, false), 1));
    return l.output(l.fullyConnected(l.pooledVector(x), CLASSES).value(), CLASSES);
  }

  private static Features invertedResidual(Layers l, Features x, int expansion, int out, int stride) {
    int hidden = x.channels() * expansion;
    Features y = expansion == 1 ? x : l.relu6(l.batchNorm(l.conv(x, hidden, 1, 1, 0, 1, false), 1));
    y = l.relu6(l.batchNorm(l.conv(y, hidden, 3, stride, 1, hidden, false), 1));
    y = l.batchNorm(l.conv(y, out, 1, 1, 0, 1, false), 1);
    return stride == 1 && x.channels() == out ? l.add(x, y) : y;
  }
}
