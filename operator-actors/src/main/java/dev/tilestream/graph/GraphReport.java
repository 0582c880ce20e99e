package dev.tilestream.graph;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of a graph can be cut.
 *
 * @param localFlops work of local operators
 * @param flops work of all
 * @param whyGlobal how often each reason kept an operator whole
 */
public record GraphReport(
    int localOperators,
    int globalOperators,
    int localStages,
    int globalStages,
    long localFlops,
    long flops,
    Map<String, Integer> whyGlobal) {

  public GraphReport {
    whyGlobal = new TreeMap<>(whyGlobal);
  }

  public static GraphReport of(OperatorGraph graph) {
    Map<String, Integer> why = new TreeMap<>();
    int local = 0;
    long localFlops = 0;
    for (Operator o : graph.operators()) {
      if (o.locality() instanceof Locality.Global g) {
        why.merge(g.why(), 1, Integer::sum);
      } else {
        local++;
        localFlops += o.flops();
      }
    }
    int localStages = (int) graph.stages().stream().filter(Stage::local).count();
    return new GraphReport(
        local, graph.operators().size() - local, localStages, graph.stages().size() - localStages, localFlops, graph.flops(), why);
  }

  /** Share of the work that is local, 0 to 1. */
  public double localShare() {
    return flops == 0 ? 0 : (double) localFlops / flops;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%d operators local, %d global; %d stages local, %d global; %.2f %% of %.1f MFLOP local; global: %s",
        localOperators, globalOperators, localStages, globalStages, 100 * localShare(), flops / 1e6, whyGlobal);
  }
}
