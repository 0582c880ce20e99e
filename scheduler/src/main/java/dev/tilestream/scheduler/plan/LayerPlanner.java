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
 * The best cut of the graph in two, one part on one device, the rest on another: along any frontier, by {@link Frontiers}, and besides
 * every cut of the list of stages, since what adds up to least is not always what is done first. Whatever crosses is streamed. No cut at
 * all, everything on the source or on one other device, is among the choices.
 */
public final class LayerPlanner implements Planner {
  /** Cuts that are simulated, of those that look best by adding up. */
  private static final int SIMULATED = 24;
  /** Pairs are as many as the square of the devices: of a large fleet those go in that would be best alone. */
  private static final int MOST_HELPERS = 8;

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
    for (Candidate c : frontiers(search)) best = Search.better(best, c);
    return best;
  }

  /** Least cuts that no cut of the list of stages is, streamed; the best few between all pairs of devices. */
  private static List<Candidate> frontiers(Search search) {
    Placements placements = new Placements(search);
    Frontiers frontiers = new Frontiers(placements);
    List<Integer> devices = Companies.promising(search, MOST_HELPERS);
    List<Frontier> found = new ArrayList<>();
    for (int a : devices)
      for (int b : devices) {
        if (a == b) continue;
        boolean[] onFirst = frontiers.best(a, b);
        if (!prefix(onFirst)) found.add(new Frontier(onFirst, a, b, frontiers.seconds(onFirst, a, b)));
      }
    found.sort(Comparator.comparingDouble(Frontier::seconds));
    return found.subList(0, Math.min(found.size(), search.options().effort())).stream().map(f -> streamed(placements, f)).toList();
  }

  private record Frontier(boolean[] onFirst, int first, int second, double seconds) {}

  private static boolean prefix(boolean[] onFirst) {
    for (int u = 1; u < onFirst.length; u++) if (onFirst[u] && !onFirst[u - 1]) return false;
    return true;
  }

  private static Candidate streamed(Placements placements, Frontier f) {
    List<Integer> order = new ArrayList<>();
    for (boolean side : new boolean[] {true, false})
      for (int u = 0; u < placements.units(); u++)
        if (f.onFirst[u] == side) for (int s = placements.firstStage(u); s < placements.endStage(u); s++) order.add(s);
    int at = 0;
    for (int u = 0; u < placements.units(); u++) if (f.onFirst[u]) at += placements.endStage(u) - placements.firstStage(u);
    Reordered reordered = new Reordered(placements.search(), order);
    Search search = reordered.search();
    int devices = search.fleet().size();
    Layout cut = Layout.of(Segment.on(f.first, devices, 0, at), Segment.on(f.second, devices, at, search.stages()));
    return reordered.restored(new StreamTuner(search).tune(cut));
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
    long input = bytes(search, search.graph().inputs());
    long output = bytes(search, search.graph().outputs());
    List<Cut> cuts = new ArrayList<>();
    List<Integer> devices = Companies.promising(search, MOST_HELPERS);
    for (int k : search.cuts().between(0, n))
      for (int a : devices)
        for (int b : devices) {
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

  private static long bytes(Search search, List<Integer> tensors) {
    long sum = 0;
    for (int t : tensors) {
      Tensor tensor = search.graph().tensor(t);
      if (!tensor.constant()) sum += Workload.airBytes(tensor, search.fleet());
    }
    return sum;
  }
}
