package dev.tilestream.postprocess;

import dev.tilestream.picture.Placement;
import dev.tilestream.tensor.TensorSlice;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Reads outputs as a model's {@code config.json} says.
 *
 * @param labels by class; may be fewer
 * @param inputWidth of the model's picture input, in pixels
 */
public record OutputReader(Postprocess how, List<String> labels, int inputWidth, int inputHeight) {
  public OutputReader {
    labels = List.copyOf(labels);
  }

  /** Names of the outputs that it reads, as far as they are said. */
  public List<String> needed() {
    return Stream.of(how.output(), how.boxes()).filter(name -> !name.isEmpty()).toList();
  }

  /**
   * @param outputs stay the caller's
   * @param placement of the picture in the input
   * @throws Unreadable when the outputs are others than the configuration says
   */
  public Findings read(Map<String, TensorSlice> outputs, Placement placement) {
    if (how.kind() == Postprocess.Kind.CLASSES) {
      Output scores = output(outputs, how.output());
      scores.dims(1, "[1, classes]");
      return new Findings(true, Ranking.of(scores, how.top(), how.softmax(), labels), List.of());
    }
    Heads heads = new Heads(how, inputWidth, inputHeight);
    switch (how.kind()) {
      case BOXES -> heads.boxes(output(outputs, how.output()), output(outputs, how.boxes()));
      case YOLO_V5 -> heads.yoloV5(output(outputs, how.output()));
      case YOLO_V8 -> heads.yoloV8(output(outputs, how.output()));
      default -> heads.fastestDet(output(outputs, how.output()));
    }
    List<Candidate> best = Candidate.best(heads.found(), how.overlap(), how.most());
    return new Findings(false, List.of(), best.stream().map(c -> detection(c, placement)).toList());
  }

  private Findings.Detection detection(Candidate candidate, Placement placement) {
    Box in = candidate.box();
    Box out = new Box(placement.pictureX(in.left()), placement.pictureY(in.top()), placement.pictureX(in.right()), placement.pictureY(in.bottom()));
    String label = candidate.index() < labels.size() ? labels.get(candidate.index()) : "";
    return new Findings.Detection(candidate.index(), label, candidate.score(), out.within(placement.width(), placement.height()));
  }

  private static Output output(Map<String, TensorSlice> outputs, String name) {
    if (name.isEmpty() && !outputs.isEmpty()) {
      Map.Entry<String, TensorSlice> first = outputs.entrySet().iterator().next();
      return Output.of(first.getKey(), first.getValue());
    }
    TensorSlice tensor = outputs.get(name);
    if (tensor == null) throw new Unreadable("output \"%s\": missing (expected: one of %s)".formatted(name, outputs.keySet()));
    return Output.of(name, tensor);
  }
}
