package dev.tilestream.laws;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.plan.Tile;
import dev.tilestream.tensor.RowSpan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Plans that no planner would make but that are allowed: stages in random runs, every run's rows in random spans, on random devices. */
final class RandomPlans {
  private RandomPlans() {}

  static Plan of(OperatorGraph graph, List<String> devices, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Tile> tiles = new ArrayList<>();
    TreeSet<Integer> ends = new TreeSet<>(List.of(graph.stages().size()));
    for (int i = random.nextInt(graph.stages().size() + 1); i > 0; i--) ends.add(random.nextInt(1, graph.stages().size() + 1));
    int from = 0;
    for (int end : ends) {
      List<Integer> stages = IntStream.range(from, end).boxed().toList();
      for (List<Rows> outputs : split(graph, stages, random))
        tiles.add(new Tile(tiles.size(), random.nextInt(devices.size()), stages, outputs, tiles.size()));
      from = end;
    }
    return new Plan(graph.hash(), Strategy.HYBRID, devices, tiles, Double.NaN, Double.NaN, true);
  }

  /** The rows that these stages owe the rest, one list a tile; every row in exactly one. */
  private static List<List<Rows>> split(OperatorGraph graph, List<Integer> stages, SplittableRandom random) {
    boolean local = stages.stream().map(graph::stage).allMatch(Stage::local);
    int pieces = local ? random.nextInt(1, 5) : 1;
    List<List<Rows>> tiles = new ArrayList<>();
    for (int p = 0; p < pieces; p++) tiles.add(new ArrayList<>());
    for (int tensor : owed(graph, stages)) {
      int rows = graph.tensor(tensor).rows();
      int[] cuts = new int[pieces + 1];
      for (int p = 1; p < pieces; p++) cuts[p] = random.nextInt(rows + 1);
      cuts[pieces] = rows;
      Arrays.sort(cuts);
      for (int p = 0; p < pieces; p++) if (cuts[p] < cuts[p + 1]) tiles.get(p).add(new Rows(tensor, new RowSpan(cuts[p], cuts[p + 1])));
    }
    tiles.removeIf(List::isEmpty);
    return tiles;
  }

  static List<Integer> owed(OperatorGraph graph, List<Integer> stages) {
    Set<Integer> read = new HashSet<>(graph.outputs());
    for (Stage s : graph.stages()) if (!stages.contains(s.id())) read.addAll(s.inputs());
    List<Integer> owed = new ArrayList<>();
    for (int s : stages)
      for (int t : graph.stage(s).outputs()) if (read.contains(t) && graph.tensor(t).kind() == Tensor.Kind.VALUE) owed.add(t);
    return owed;
  }
}
