package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Stage;
import java.util.List;

/** How much of a stage a band computes: what {@link StageTime#at} is asked with. */
public final class StageShare {
  private StageShare() {}

  /** Share in [0, 1] of the stage's work: its operators' rows in the band, halo included, weighted by their work; 0 when none runs. */
  public static double of(Stage stage, Band band) {
    OperatorGraph graph = band.graph();
    double done = 0;
    double all = 0;
    for (int id : stage.operators()) {
      Operator operator = graph.operator(id);
      double work = Math.max(1, operator.flops());
      all += work;
      done += work * rows(graph, operator, band);
    }
    return Math.min(1, done / all);
  }

  /** The same for each of {@code stages}. */
  public static double[] of(List<Integer> stages, Band band) {
    double[] shares = new double[stages.size()];
    for (int i = 0; i < shares.length; i++) shares[i] = of(band.graph().stage(stages.get(i)), band);
    return shares;
  }

  private static double rows(OperatorGraph graph, Operator operator, Band band) {
    for (int t : operator.outputs()) {
      if (t < 0) continue;
      int made = band.rowCount(t);
      if (made > 0) return operator.local() ? made / (double) graph.tensor(t).rows() : 1;
    }
    return 0;
  }
}
