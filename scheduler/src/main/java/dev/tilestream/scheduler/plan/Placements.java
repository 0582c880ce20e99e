package dev.tilestream.scheduler.plan;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.plan.Search.Candidate;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Whole stages on devices, any on any: what layer-wise strategies choose from. The unit of choice is a run of stages between two places
 * where the list of stages may be cut; nearly always a single one.
 */
final class Placements {
  /**
   * A tensor that units hand on.
   *
   * @param maker unit; -1 for an input of the model, which the source has
   * @param readers units, ascending
   * @param answer whether the source needs it in the end
   */
  record Flow(int tensor, int maker, int[] readers, long bytes, boolean answer) {}

  private final Search search;
  private final List<Integer> ends = new ArrayList<>();
  private final int[] unitOf;
  private final List<Flow> flows = new ArrayList<>();
  private final double[][] seconds;

  Placements(Search search) {
    this.search = search;
    int n = search.stages();
    unitOf = new int[n];
    for (int k = 1; k <= n; k++) {
      unitOf[k - 1] = ends.size();
      if (k == n || search.cuts().allowed(k)) ends.add(k);
    }
    seconds = new double[search.fleet().size()][ends.size()];
    for (int d = 0; d < seconds.length; d++) {
      DeviceProfile profile = search.fleet().device(d);
      for (int s = 0; s < n; s++) seconds[d][unitOf[s]] += profile.stages().get(s).whole() * profile.fusion(n);
    }
    collectFlows();
  }

  private void collectFlows() {
    OperatorGraph graph = search.graph();
    Map<Integer, boolean[]> readers = new TreeMap<>();
    for (Stage s : graph.stages()) for (int t : s.inputs()) readers.computeIfAbsent(t, x -> new boolean[units()])[unitOf[s.id()]] = true;
    for (int t : graph.outputs()) readers.computeIfAbsent(t, x -> new boolean[units()]);
    readers.forEach((t, reads) -> {
      Tensor tensor = graph.tensor(t);
      int stage = search.cuts().maker(t);
      if (tensor.constant() || stage < 0 && tensor.kind() != Tensor.Kind.INPUT) return;
      int maker = stage < 0 ? -1 : unitOf[stage];
      int[] others = IntStream.range(0, units()).filter(u -> reads[u] && u != maker).toArray();
      boolean answer = maker >= 0 && graph.outputs().contains(t);
      if (others.length > 0 || answer) flows.add(new Flow(t, maker, others, Workload.airBytes(tensor, search.fleet()), answer));
    });
  }

  int units() {
    return ends.size();
  }

  /** First stage of a unit. */
  int firstStage(int unit) {
    return unit == 0 ? 0 : ends.get(unit - 1);
  }

  /** One past its last stage. */
  int endStage(int unit) {
    return ends.get(unit);
  }

  List<Flow> flows() {
    return flows;
  }

  /** Seconds of a unit on a device, as a part of a longer tile. */
  double seconds(int device, int unit) {
    return seconds[device][unit];
  }

  /** Seconds until {@code bytes} from one device are with another that was waiting for nothing else. */
  double send(int from, int to, long bytes) {
    if (from == to) return 0;
    LinkEstimate link = search.fleet().link(from, to);
    return bytes / link.bytesPerSecond() + link.messageSeconds() + link.delaySeconds();
  }

  /** By the simulator. */
  Candidate judge(int[] device) {
    return search.judge(tiles(device));
  }

  /**
   * Tiles of a placement: units of one device that wait for the same number of crossings follow each other in one tile, until one of them
   * makes what another device is waiting for.
   */
  List<Tile> tiles(int[] device) {
    int[] phase = new int[units()];
    boolean[] sends = new boolean[units()];
    for (int u = 0; u < units(); u++)
      for (Flow f : flows)
        if (f.maker >= 0 && Arrays.binarySearch(f.readers, u) >= 0) {
          boolean crosses = device[f.maker] != device[u];
          phase[u] = Math.max(phase[u], phase[f.maker] + (crosses ? 1 : 0));
          sends[f.maker] |= crosses;
        }
    Map<Long, List<Integer>> groups = new TreeMap<>();
    for (int u = 0; u < units(); u++) groups.computeIfAbsent((long) phase[u] << 32 | device[u], x -> new ArrayList<>()).add(u);
    List<Tile> tiles = new ArrayList<>();
    for (List<Integer> group : groups.values())
      for (int from = 0, to; from < group.size(); from = to) {
        to = from + 1;
        while (to < group.size() && !sends[group.get(to - 1)]) to++;
        add(tiles, group.subList(from, to), device[group.get(from)]);
      }
    return tiles;
  }

  private void add(List<Tile> tiles, List<Integer> units, int device) {
    List<Rows> outputs = new ArrayList<>();
    for (Flow f : flows)
      if (units.contains(f.maker) && (f.answer || Arrays.stream(f.readers).anyMatch(r -> !units.contains(r))))
        outputs.add(new Rows(f.tensor, search.graph().tensor(f.tensor).all()));
    List<Integer> stages = units.stream().flatMap(u -> IntStream.range(firstStage(u), endStage(u)).boxed()).toList();
    if (!outputs.isEmpty()) tiles.add(new Tile(tiles.size(), device, stages, outputs, tiles.size()));
  }

  /** Whether what {@code unit} reads or makes crosses to another device, as the model's inputs and answers do. */
  boolean borders(int unit, int[] device) {
    for (Flow f : flows) {
      boolean reads = Arrays.binarySearch(f.readers, unit) >= 0;
      if (reads && origin(f, device) != device[unit]) return true;
      if (reads && f.maker < 0 || f.maker == unit && f.answer) return true;
      if (f.maker == unit) for (int r : f.readers) if (device[r] != device[unit]) return true;
    }
    return false;
  }

  /** Everything on one device. */
  int[] whole(int device) {
    int[] all = new int[units()];
    Arrays.fill(all, device);
    return all;
  }

  /** Index of the device that makes a flow. */
  static int origin(Flow flow, int[] device) {
    return flow.maker < 0 ? Plan.SOURCE : device[flow.maker];
  }

  Search search() {
    return search;
  }
}
