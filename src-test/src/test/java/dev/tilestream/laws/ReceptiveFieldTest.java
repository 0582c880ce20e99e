package dev.tilestream.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.zoo.RandomGraphs;
import dev.tilestream.zoo.RandomGraphs.RandomGraph;
import dev.tilestream.zoo.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What {@link Band} says an output row depends on, against what ONNX Runtime's whole model really depends on. */
class ReceptiveFieldTest {
  private static final int GRAPHS = 500;
  private static final int SEEDS_PER_STEP = 12;
  /** Steps whose outermost row can be without effect: a maximum that another row wins, weights of zero at the rim of an interpolation. */
  private static final int TRIES = 12;

  @Test
  void rowsOutsideTheReceptiveFieldNeverChangeTheResult() {
    List<String> wrong = new ArrayList<>();
    for (long seed = 0; seed < GRAPHS; seed++) {
      try (Specimen s = Specimen.of(RandomGraphs.of(seed))) {
        SplittableRandom random = new SplittableRandom(seed);
        for (Tensor output : s.outputs()) checkSound(s, output, random).ifPresent(wrong::add);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void oneRowLessAtEitherEndGivesADifferentResult() {
    List<String> wide = new ArrayList<>();
    int fields = 0;
    for (String step : RandomGraphs.localSteps())
      for (long seed = 0; seed < SEEDS_PER_STEP; seed++) {
        try (Specimen s = Specimen.of(RandomGraphs.ofStep(step, seed))) {
          if (!s.graph.stages().stream().allMatch(Stage::local)) continue;
          Tensor output = s.outputs().get(0);
          SplittableRandom random = new SplittableRandom(seed);
          RowSpan row = one(output, random);
          for (Rows need : field(s.graph, output, row).inputs()) {
            fields++;
            for (int edge : new int[] {need.span().from(), need.span().to() - 1})
              if (!matters(s, s.graph.tensor(need.tensor()), edge, output, row))
                wide.add("%s: row %d of %s is in the field %s of output row %s, but never matters".formatted(
                    s.origin, edge, s.graph.tensor(need.tensor()).name(), need.span(), row));
          }
        }
      }
    assertThat(fields).isGreaterThan(200);
    assertThat(wide).isEmpty();
  }

  @Test
  void everyStepThatCanBeCutIsLocal() {
    Map<String, String> global = new TreeMap<>();
    for (String step : RandomGraphs.localSteps()) {
      int local = 0;
      List<String> why = new ArrayList<>();
      for (long seed = 0; seed < SEEDS_PER_STEP; seed++) {
        try (Specimen s = Specimen.of(RandomGraphs.ofStep(step, seed))) {
          if (s.graph.stages().stream().allMatch(Stage::local)) local++;
          else s.graph.operators().stream().filter(o -> !o.local()).forEach(o -> why.add(o.type() + ": " + o.locality()));
        }
      }
      if (local < SEEDS_PER_STEP) global.put(step, local + " of " + SEEDS_PER_STEP + " local; " + why);
    }
    assertThat(global.values()).noneMatch(v -> v.startsWith("0 of"));
  }

  private static Optional<String> checkSound(Specimen s, Tensor output, SplittableRandom random) {
    if (output.kind() != Tensor.Kind.VALUE) return Optional.empty();
    RowSpan rows = one(output, random);
    Band band = field(s.graph, output, rows);
    Map<String, Value> inputs = s.inputs();
    Map<String, Value> disturbed = new HashMap<>(inputs);
    for (int id : s.graph.inputs()) {
      Tensor t = s.graph.tensor(id);
      RowSpan keep = band.rows(id).orElse(null);
      for (int r = 0; r < t.rows(); r++)
        if (keep == null || !keep.contains(r)) disturbed.put(t.name(), withRow(disturbed.get(t.name()), t, r, random.nextLong()));
    }
    Value before = cut(s.oracle.run(inputs).get(output.name()), output, rows);
    Value after = cut(s.oracle.run(disturbed).get(output.name()), output, rows);
    return before.deviation(after) == 0
        ? Optional.empty()
        : Optional.of("%s: rows %s of %s changed by %.2g though nothing in %s did".formatted(
            s.origin, rows, output.name(), before.deviation(after), band.inputs()));
  }

  private static boolean matters(Specimen s, Tensor input, int row, Tensor output, RowSpan rows) {
    Map<String, Value> inputs = s.inputs();
    Value before = cut(s.oracle.run(inputs).get(output.name()), output, rows);
    for (int i = 0; i < TRIES; i++) {
      Map<String, Value> disturbed = new HashMap<>(inputs);
      disturbed.put(input.name(), withRow(inputs.get(input.name()), input, row, 1000 + i));
      if (before.deviation(cut(s.oracle.run(disturbed).get(output.name()), output, rows)) > 0) return true;
    }
    return false;
  }

  private static RowSpan one(Tensor output, SplittableRandom random) {
    int row = random.nextInt(output.rows());
    return RowSpan.of(row, row + 1);
  }

  private static Band field(OperatorGraph graph, Tensor output, RowSpan rows) {
    return Band.of(graph, graph.stages().stream().map(Stage::id).toList(), List.of(new Rows(output.id(), rows)));
  }

  /** The same with row {@code row} replaced by other values, large enough to win a maximum now and then. */
  private static Value withRow(Value value, Tensor tensor, int row, long seed) {
    Value copy = Value.of(value.type(), value.shape(), value.bytes());
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer data = copy.data();
    if (tensor.axis() < 0) return Value.random(value.type(), value.shape(), seed);
    int inner = (int) tensor.shape().inner(tensor.axis());
    for (int o = 0; o < tensor.shape().outer(tensor.axis()); o++)
      for (int i = 0; i < inner; i++)
        data.putFloat(((o * tensor.rows() + row) * inner + i) * Float.BYTES, (float) random.nextDouble(-3, 3));
    return copy;
  }

  private static Value cut(Value value, Tensor tensor, RowSpan rows) {
    if (tensor.axis() < 0) return value;
    Shape shape = tensor.shape();
    int row = (int) shape.inner(tensor.axis()) * value.type().bytes();
    ByteBuffer from = value.data();
    ByteBuffer to = ByteBuffer.allocate((int) shape.outer(tensor.axis()) * rows.rows() * row);
    for (int o = 0; o < shape.outer(tensor.axis()); o++) to.put(from.slice((o * tensor.rows() + rows.from()) * row, rows.rows() * row));
    return Value.of(value.type(), shape.with(tensor.axis(), rows.rows()), to.array());
  }
}
