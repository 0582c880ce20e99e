package dev.tilestream.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Horizon;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.onnx.OnnxImporter;
import dev.tilestream.tensor.RowSpan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HorizonBandTest {
  @TempDir Path cache;

  private interface Law {
    void holds(OperatorGraph graph, List<Integer> stages, List<Rows> half);
  }

  /** The upper half of what every run of local stages from the first on makes last. */
  private void onHalves(Law law) throws Exception {
    for (Path model : TestModels.below("onnx-architectures")) {
      OperatorGraph graph = OnnxImporter.load(model, Map.of(), cache);
      try {
        for (Stage s : graph.stages()) {
          if (!s.local()) break;
          Tensor last = graph.tensor(s.outputs().get(0));
          if (last.rows() < 2) break;
          List<Integer> stages = java.util.stream.IntStream.rangeClosed(0, s.id()).boxed().toList();
          law.holds(graph, stages, List.of(new Rows(last.id(), new RowSpan(0, last.rows() / 2))));
        }
      } finally {
        graph.weights().close();
      }
    }
  }

  @Test
  void aLargeEnoughHaloMakesTheSameModelToTheByte() throws Exception {
    int[] compared = {0};
    onHalves((graph, stages, half) -> {
      if (stages.size() % 8 != 1) return;
      Band wide = Band.of(graph, stages, half, new Horizon(0, 0.5, Horizon.MOST));
      assertThat(BandModel.of(wide).hash()).isEqualTo(BandModel.of(Band.of(graph, stages, half)).hash());
      assertThat(wide.exact()).isTrue();
      compared[0]++;
    });
    assertThat(compared[0]).isGreaterThan(5);
  }

  @Test
  void whatABandNeedsOfTheInputGrowsWithItsHaloAndNeverBeyondTheExactRows() throws Exception {
    int[] cutOff = {0};
    onHalves((graph, stages, half) -> {
      int before = 0;
      Band exact = Band.of(graph, stages, half);
      for (int halo : new int[] {0, 1, 2, 4, 8, 64, 1024}) {
        Band band = Band.of(graph, stages, half, new Horizon(0, 0.5, halo));
        int rows = band.inputs().get(0).span().rows();
        assertThat(rows).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(exact.inputs().get(0).span().rows());
        if (band.exact()) assertThat(band.inputs()).isEqualTo(exact.inputs());
        else cutOff[0]++;
        before = rows;
      }
    });
    assertThat(cutOff[0]).isGreaterThan(50);
  }
}
