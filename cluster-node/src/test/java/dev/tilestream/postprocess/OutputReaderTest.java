package dev.tilestream.postprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.picture.Placement;
import dev.tilestream.postprocess.Findings.Detection;
import dev.tilestream.postprocess.Postprocess.Kind;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.NativeBuffer;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputReaderTest {
  private static final List<String> LABELS = List.of("dock", "wall");
  /** A picture of 400 x 200 in an input of 200 x 200, letterboxed. */
  private static final Placement LETTERBOX = new Placement(400, 200, 0.5, 0.5, 0, 50);

  private static TensorSlice tensor(float[] values, int... dims) {
    ByteBuffer memory = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
    memory.asFloatBuffer().put(values);
    Shape shape = Shape.of(dims);
    return TensorSlice.of(0, DataType.FLOAT32, shape, -1, TensorSlice.all(shape, -1), NativeBuffer.wrap(memory, () -> {}));
  }

  private static Postprocess how(Kind kind, String output, String boxes, Boolean corners, Boolean relative, Integer background) {
    return new Postprocess(kind, output, boxes, 2, null, corners, relative, background, 0.5, 0.5, 10);
  }

  private static List<Detection> detections(Postprocess how, Map<String, TensorSlice> outputs) {
    return new OutputReader(how, LABELS, 200, 200).read(outputs, LETTERBOX).detections();
  }

  private static void assertBox(Box box, double... edges) {
    assertThat(new double[] {box.left(), box.top(), box.right(), box.bottom()}).containsExactly(edges, within(1e-3));
  }

  @Test
  void classesAreTheLargestNumbersAndLogitsBecomeShares() {
    TensorSlice logits = tensor(new float[] {1, 3, 2, Float.NaN}, 1, 4);
    Postprocess softmax = new Postprocess(Kind.CLASSES, null, null, 2, true, null, null, null, null, null, null);
    List<Findings.Ranked> best = new OutputReader(softmax, LABELS, 1, 1).read(Map.of("y", tensor(new float[] {1, 3, 2}, 1, 3)), LETTERBOX).classes();
    assertThat(best).extracting(Findings.Ranked::index).containsExactly(1, 2);
    assertThat(best).extracting(Findings.Ranked::label).containsExactly("wall", "");
    double sum = Math.exp(1) + Math.exp(2) + Math.exp(3);
    assertThat(best.get(0).score()).isCloseTo(Math.exp(3) / sum, within(1e-9));
    assertThat(Ranking.rows(logits, 9, List.of()).get(0)).extracting(Findings.Ranked::index).containsExactly(1, 2, 0, 3);
    assertThat(Ranking.rows(tensor(new float[] {1, 2, 4, 3}, 2, 2), 1, LABELS)).extracting(row -> row.get(0).index()).containsExactly(1, 0);
  }

  @Test
  void boxesAndScoresOfSingleShotDetectors() {
    Postprocess how = how(Kind.BOXES, "scores", "boxes", null, null, 0);
    Map<String, TensorSlice> outputs = Map.of(
        "scores", tensor(new float[] {0.99f, 0.01f, 0.1f, 0.9f, 0.4f, 0.45f}, 1, 3, 2),
        "boxes", tensor(new float[] {0, 0, 1, 1, 0.25f, 0.5f, 0.5f, 0.75f, 0, 0, 1, 1}, 1, 3, 4));
    List<Detection> found = detections(how, outputs);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).label()).isEqualTo("wall");
    assertBox(found.get(0).box(), 100, 100, 200, 200);
  }

  @Test
  void boxesMayBeCentredAndInPixels() {
    Postprocess how = how(Kind.BOXES, "scores", "boxes", false, false, null);
    List<Detection> found = detections(how, Map.of(
        "scores", tensor(new float[] {0.8f}, 1, 1, 1), "boxes", tensor(new float[] {100, 100, 40, 20}, 1, 1, 4)));
    assertBox(found.get(0).box(), 160, 80, 240, 120);
  }

  @Test
  void yoloHeadsOfBothKindsFindTheSame() {
    float[] rows = {100, 100, 40, 20, 0.9f, 0.1f, 1, 100, 102, 40, 20, 0.8f, 0, 1, 20, 60, 10, 10, 0.4f, 1, 0};
    List<Detection> five = detections(how(Kind.YOLO_V5, "", "", null, null, null), Map.of("y", tensor(rows, 1, 3, 7)));
    assertThat(five).as("the second overlaps the first, the third is doubtful").hasSize(1);
    assertThat(five.get(0).score()).isCloseTo(0.9, within(1e-6));
    assertBox(five.get(0).box(), 160, 80, 240, 120);
    float[] columns = {100, 100, 20, 100, 102, 60, 40, 40, 10, 20, 20, 10, 0.09f, 0, 0.4f, 0.9f, 0.8f, 0};
    List<Detection> eight = detections(how(Kind.YOLO_V8, "", "", null, null, null), Map.of("y", tensor(columns, 1, 6, 3)));
    assertThat(eight).isEqualTo(five);
  }

  @Test
  void fastestDetsCellsAreReadAsItsAuthorsDo() {
    float[] grid = new float[7 * 4];
    int cell = 3;
    grid[cell] = 0.9f;
    grid[2 * 4 + cell] = -20;
    grid[5 * 4 + cell] = 0.3f;
    grid[6 * 4 + cell] = 0.7f;
    Detection found = detections(how(Kind.FASTEST_DET, "", "", null, null, null), Map.of("y", tensor(grid, 1, 7, 2, 2))).get(0);
    assertThat(found.index()).isEqualTo(1);
    assertThat(found.score()).isCloseTo(Math.pow(0.9, 0.6) * Math.pow(0.7, 0.4), within(1e-6));
    // Centre: column 1 of 2, row 1 of 2 less a whole one; half as wide and high as the input. In the picture: beyond its upper edge.
    assertBox(found.box(), 100, 0, 300, 0);
  }

  @Test
  void ofOverlappingBoxesOfAClassOnlyTheBestIsLeft() {
    Random random = new Random(5);
    List<Candidate> all = new ArrayList<>();
    for (int i = 0; i < 400; i++)
      all.add(new Candidate(random.nextInt(3), random.nextDouble(),
          Box.centred(random.nextInt(100), random.nextInt(100), 5 + random.nextInt(30), 5 + random.nextInt(30))));
    List<Candidate> best = Candidate.best(all, 0.4, 1000);
    for (Candidate a : best)
      for (Candidate b : best) assertThat(a == b || a.index() != b.index() || a.box().overlap(b.box()) <= 0.4).isTrue();
    for (Candidate c : all)
      assertThat(best.contains(c) || best.stream().anyMatch(b -> b.index() == c.index() && b.score() >= c.score() && b.box().overlap(c.box()) > 0.4))
          .isTrue();
  }

  @Test
  void outputsThatAreOthersThanSaidAreNamed() {
    assertThatThrownBy(() -> detections(how(Kind.YOLO_V5, "z", "", null, null, null), Map.of("y", tensor(new float[7], 1, 1, 7))))
        .isInstanceOf(Unreadable.class).hasMessage("output \"z\": missing (expected: one of [y])");
    assertThatThrownBy(() -> detections(how(Kind.YOLO_V8, "", "", null, null, null), Map.of("y", tensor(new float[6], 1, 3, 2))))
        .isInstanceOf(Unreadable.class).hasMessage("output y: [1,3,2] (expected: [1, 4 + classes, candidates])");
    assertThatThrownBy(() -> detections(how(Kind.BOXES, "s", "b", null, null, null),
        Map.of("s", tensor(new float[4], 1, 2, 2), "b", tensor(new float[4], 1, 1, 4))))
        .isInstanceOf(Unreadable.class).hasMessage("output b: [1,1,4] (expected: [1, 2, 4])");
  }

  @Test
  void numbersThatAreNoneFindNothing() {
    float[] rows = {Float.NaN, 1, 1, 1, 0.9f, 1, Float.NaN, 1, 1, 1, Float.NaN, 1};
    assertThat(detections(how(Kind.YOLO_V5, "", "", null, null, null), Map.of("y", tensor(rows, 1, 2, 6)))).isEmpty();
  }
}
