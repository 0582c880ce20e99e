package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The best single cut: the stages before it on one device, the rest on another, whatever crosses streamed. No cut at all, everything
 * on the source or on one other device, is among the choices.
 */
public final class LayerPlanner implements Planner {
  /** Cuts that are simulated, of those that look best by adding up. */
  private static final int SIMULATED = 24;

  private record Cut(int at, int first, int second, double seconds) {}

  @Override
  public Plan plan(OperatorGraph graph, Fleet fleet, PlanOptions options) {
    Search search = new Search(graph, fleet, options);
    return search.plan(Strategy.LAYER, best(search));
  }

  static Candidate best(Search search) {
    List<Layout> layouts = new ArrayList<>();
    for (int d = 0; d < search.fleet().size(); d++) layouts.add(search.whole(d));
    int n = search.stages();
    for (Cut c : promising(search)) {
      int devices = search.fleet().size();
      layouts.add(Layout.of(Segment.on(c.first, devices, 0, c.at), Segment.on(c.second, devices, c.at, n)));
    }
    layouts.sort(Comparator.comparingDouble(l -> search.judge(l).score()));
    Candidate best = search.judge(layouts.get(0));
    StreamTuner tuner = new StreamTuner(search);
    int tuned = Math.min(layouts.size(), search.options().effort());
    for (Layout l : layouts.subList(0, tuned)) best = Search.better(best, tuner.tune(l));
    return best;
  }

  /** Cuts between two devices by the sum of computing and sending, without overlap; best first. */
  private static List<Cut> promising(Search search) {
    int n = search.stages();
    Fleet fleet = search.fleet();
    double[][] before = new double[fleet.size()][n + 1];
    for (int d = 0; d < fleet.size(); d++) {
      DeviceProfile profile = fleet.device(d);
      for (int s = 0; s < n; s++) before[d][s + 1] = before[d][s] + profile.stages().get(s).whole() * profile.fusion(n);
    }
    long input = bytes(search.graph(), search.graph().inputs());
    long output = bytes(search.graph(), search.graph().outputs());
    List<Cut> cuts = new ArrayList<>();
    for (int k : search.cuts().between(0, n))
      for (int a = 0; a < fleet.size(); a++)
        for (int b = 0; b < fleet.size(); b++) {
          if (a == b) continue;
          long crossing = search.cuts().crossingBytes(k);
          double air = send(fleet, Plan.SOURCE, a, input) + send(fleet, a, b, crossing) + send(fleet, b, Plan.SOURCE, output);
          cuts.add(new Cut(k, a, b, before[a][k] + before[b][n] - before[b][k] + air));
        }
    cuts.sort(Comparator.comparingDouble(Cut::seconds));
    return cuts.subList(0, Math.min(SIMULATED, cuts.size()));
  }

  private static double send(Fleet fleet, int from, int to, long bytes) {
    return from == to ? 0 : bytes / fleet.link(from, to).bytesPerSecond() + fleet.link(from, to).delaySeconds();
  }

  private static long bytes(OperatorGraph graph, List<Integer> tensors) {
    long sum = 0;
    for (int t : tensors) {
      Tensor tensor = graph.tensor(t);
      if (!tensor.constant()) sum += Workload.bytes(tensor, tensor.rows());
    }
    return sum;
  }
}
