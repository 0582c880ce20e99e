package dev.tilestream.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.CommandFailed;
import dev.tilestream.cli.demo.WholeModel.Port;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.picture.PictureFault;
import dev.tilestream.picture.PictureInput;
import dev.tilestream.picture.PictureInput.ChannelOrder;
import dev.tilestream.picture.PictureInput.Layout;
import dev.tilestream.picture.PictureLimits;
import dev.tilestream.picture.PicturePreprocessor;
import dev.tilestream.picture.PreparedPicture;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a demonstration runs: a repository with one model, and one input for it.
 *
 * @param repository as {@code tilestream node --repository} takes it
 * @param model its name there
 * @param modelFile what ONNX Runtime is to load
 * @param input the picture as the model takes it
 * @param pixels the same as it is sent: bytes, where the model can have them
 */
public record DemoScenario(Path repository, String model, Path modelFile, TensorBytes input, TensorBytes pixels) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long POOL = 512L << 20;

  /** The project's own network and picture, laid out below {@code directory}. */
  public static DemoScenario own(Path directory) throws IOException {
    Path onnx = Files.write(directory.resolve(DemoNetwork.NAME + ".onnx"), DemoNetwork.onnx());
    Path png = Files.write(directory.resolve("picture.png"), DemoPicture.png(DemoNetwork.WIDTH, DemoNetwork.HEIGHT));
    return of(directory, DemoNetwork.NAME, onnx, png);
  }

  /**
   * A model with one picture input, laid out below {@code directory}. A {@code config.json} beside it says how pictures become its input;
   * without one they are stretched to its size, RGB, from 0 to 1 for floating-point inputs.
   *
   * @throws CommandFailed when the model is not of that kind or the picture cannot be read
   */
  public static DemoScenario of(Path directory, String name, Path onnx, Path picture) throws IOException {
    Path version = Files.createDirectories(directory.resolve("repository").resolve(name).resolve("1"));
    Path modelFile = Files.copy(onnx, version.resolve("model.onnx"));
    Path config = version.resolve("config.json");
    Path given = onnx.toAbsolutePath().resolveSibling("config.json");
    Map.Entry<String, Port> port = onlyInput(modelFile);
    if (Files.exists(given)) Files.copy(given, config);
    else Files.writeString(config, defaultConfig(port.getKey(), port.getValue()).toPrettyString());
    PictureInput wanted = ModelConfig.parse(config.toString(), Files.readAllBytes(config)).input()
        .orElseThrow(() -> new CommandFailed("%s: no input (expected: how a picture becomes the model's input)".formatted(given)));
    TensorBytes input = prepare(port.getKey(), port.getValue(), wanted, picture);
    boolean floats = Set.of(DataType.FLOAT32, DataType.FLOAT16).contains(input.type());
    Port bytes = new Port(DataType.UINT8, port.getValue().shape());
    TensorBytes pixels = floats ? prepare(port.getKey(), bytes, wanted.pixels(), picture) : input;
    return new DemoScenario(directory.resolve("repository"), name, modelFile, input, pixels);
  }

  private static Map.Entry<String, Port> onlyInput(Path modelFile) {
    try (WholeModel whole = WholeModel.open(modelFile)) {
      Map<String, Port> inputs = whole.inputs();
      if (inputs.size() != 1) throw new CommandFailed("the model's inputs: %s (expected: one, for a picture)".formatted(inputs.keySet()));
      return inputs.entrySet().iterator().next();
    }
  }

  private static ObjectNode defaultConfig(String input, Port port) {
    List<Long> shape = port.shape();
    boolean pictures = shape.size() == 4 && shape.get(0) <= 1;
    boolean planar = pictures && isChannels(shape.get(1));
    if (!planar && !(pictures && isChannels(shape.get(3))))
      throw new CommandFailed(
          "input %s: %s (expected: 1 x 3 x height x width, 1 x height x width x 3, or one channel)".formatted(input, shape));
    long height = shape.get(planar ? 2 : 1);
    long width = shape.get(planar ? 3 : 2);
    if (height < 1 || width < 1)
      throw new CommandFailed(
          "input %s: %s has no fixed size (expected: a config.json beside the model that gives one)".formatted(input, shape));
    ObjectNode config = JSON.createObjectNode();
    ObjectNode wanted = config.putObject("input").put("width", width).put("height", height);
    wanted.put("layout", (planar ? Layout.NCHW : Layout.NHWC).name());
    wanted.put("channelOrder", (shape.get(planar ? 1 : 3) == 1 ? ChannelOrder.GRAY : ChannelOrder.RGB).name());
    if (isFloat(port.type())) wanted.putArray("scale").add(1 / 255.0);
    if (shape.get(0) < 1) {
      var fixed = config.putObject("shapes").putArray(input).add(1);
      shape.subList(1, 4).forEach(fixed::add);
    }
    return config;
  }

  private static boolean isChannels(long extent) {
    return extent == 1 || extent == 3;
  }

  private static boolean isFloat(DataType type) {
    return switch (type) {
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  private static TensorBytes prepare(String name, Port port, PictureInput wanted, Path picture) throws IOException {
    try (BufferPool pool = BufferPool.bounded(POOL, 0)) {
      PreparedPicture prepared = new PicturePreprocessor(PictureLimits.DEFAULT)
          .prepare(new ByteArrayInputStream(Files.readAllBytes(picture)), wanted, port.type(), port.shape().size(), pool);
      try {
        ByteBuffer data = prepared.tensor().data();
        ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < prepared.tensor().shape().rank(); i++) shape.add((long) prepared.tensor().shape().dim(i));
        return new TensorBytes(name, port.type(), shape, copy);
      } finally {
        prepared.tensor().release();
      }
    } catch (PictureFault e) {
      throw new CommandFailed("%s: %s".formatted(picture, e.getMessage()), e);
    }
  }
}
