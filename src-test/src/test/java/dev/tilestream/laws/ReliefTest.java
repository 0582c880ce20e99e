package dev.tilestream.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Delivery;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Relief;
import dev.tilestream.plan.Routes;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.zoo.RandomGraphs;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Whenever devices are lost to an inference, and whatever has been computed and has come across by then: what the source has and the tiles
 * that it takes over make the whole answer. Told by rows alone, nothing is computed.
 */
class ReliefTest {
  private static final int GRAPHS = 60;
  private static final int LOSSES = 12;
  private static final List<String> DEVICES = List.of("source", "edge", "helper");

  @Test
  void whatIsTakenOverMakesTheAnswerWheneverDevicesAreLost() {
    for (long seed = 4000; seed < 4000 + GRAPHS; seed++)
      try (Specimen s = Specimen.of(RandomGraphs.of(seed))) {
        Plan plan = RandomPlans.of(s.graph, DEVICES, seed);
        for (int loss = 0; loss < LOSSES; loss++) {
          Inference inference = new Inference(s.graph, plan, new Random(seed * LOSSES + loss));
          inference.run(true);
          Set<Integer> taken = inference.takeOver();
          inference.run(false);
          assertThat(inference.answered()).as("%s, loss %d: %s taken over", s.origin, loss, taken).isTrue();
        }
      }
  }

  @Test
  void nothingIsTakenOverOfWhatIsThere() {
    try (Specimen s = Specimen.of(RandomGraphs.of(4000))) {
      Plan plan = RandomPlans.of(s.graph, DEVICES, 1);
      Relief relief = Relief.of(plan, Routes.of(s.graph, plan));
      Set<Integer> remote = new TreeSet<>();
      plan.tiles().stream().filter(t -> t.device() != Plan.SOURCE).forEach(t -> remote.add(t.id()));
      assertThat(relief.tiles(Set.of(1, 2), rows -> true)).isEmpty();
      assertThat(remote).containsAll(relief.tiles(Set.of(1, 2), rows -> false));
    }
  }

  /** One inference: who has which rows. Rows of lost devices stop coming at random, each of their deliveries by itself. */
  private static final class Inference {
    private final OperatorGraph graph;
    private final Plan plan;
    private final Routes routes;
    private final Random random;
    private final Set<Integer> lost = new HashSet<>();
    private final Map<Integer, Map<Integer, BitSet>> have = new HashMap<>();
    private final Map<Integer, BitSet> arrived = new HashMap<>();
    private final Set<Integer> done = new HashSet<>();
    private final List<Delivery> kept = new ArrayList<>();
    private Set<Integer> taken = Set.of();

    Inference(OperatorGraph graph, Plan plan, Random random) {
      this.graph = graph;
      this.plan = plan;
      this.random = random;
      routes = Routes.of(graph, plan);
      lost.add(1 + random.nextInt(2));
      if (random.nextBoolean()) lost.add(1 + random.nextInt(2));
      routes.fromSource().forEach(d -> deliver(Plan.SOURCE, d));
    }

    /** Everybody computes what can be; {@code failing} devices stop anywhere. */
    void run(boolean failing) {
      Set<Integer> stopped = new HashSet<>();
      for (boolean any = true; any; ) {
        any = false;
        for (int t = 0; t < plan.tiles().size(); t++) {
          boolean here = plan.tiles().get(t).device() == Plan.SOURCE || taken.contains(t);
          boolean gone = lost.contains(plan.tiles().get(t).device()) && !here;
          if (done.contains(t) || stopped.contains(t) || gone && !failing || !complete(t)) continue;
          if (gone && random.nextInt(4) == 0) stopped.add(t);
          else compute(t, here);
          any = true;
        }
      }
    }

    private void compute(int tile, boolean here) {
      done.add(tile);
      int device = plan.tiles().get(tile).device();
      for (Delivery d : routes.fromTile().get(tile)) {
        boolean falters = !here && lost.contains(device) && random.nextInt(3) == 0;
        if (!falters) deliver(here ? Plan.SOURCE : device, d);
      }
    }

    /** What the source sends is kept, and what comes back is noted; from then on, tiles that were taken over get it. */
    private void deliver(int from, Delivery d) {
      int to = d.to() == Parcel.SINK ? Plan.SOURCE : plan.tiles().get(d.to()).device();
      if (from == Plan.SOURCE && to != Plan.SOURCE) kept.add(d);
      if (from != Plan.SOURCE && to == Plan.SOURCE) add(arrived, d.rows());
      boolean relieved = taken.contains(d.to());
      if (relieved && from != Plan.SOURCE) return;
      if (to == Plan.SOURCE || relieved || !taken.isEmpty() && !lost.contains(to) || taken.isEmpty()) get(d);
    }

    private void get(Delivery d) {
      add(have.computeIfAbsent(d.to(), k -> new HashMap<>()), d.rows());
    }

    Set<Integer> takeOver() {
      taken = Relief.of(plan, routes).tiles(lost, rows -> covers(arrived, rows));
      done.removeAll(taken);
      taken.forEach(have::remove);
      List.copyOf(kept).stream().filter(d -> taken.contains(d.to())).forEach(this::get);
      return taken;
    }

    private boolean complete(int tile) {
      Map<Integer, BitSet> mine = have.getOrDefault(tile, Map.of());
      return routes.bands().get(tile).inputs().stream().allMatch(need -> covers(mine, need));
    }

    boolean answered() {
      Map<Integer, BitSet> sink = have.getOrDefault(Parcel.SINK, Map.of());
      return graph.outputs().stream().map(graph::tensor).filter(t -> t.kind() == Tensor.Kind.VALUE)
          .allMatch(t -> covers(sink, new Rows(t.id(), t.all())));
    }

    private static void add(Map<Integer, BitSet> rows, Rows more) {
      rows.computeIfAbsent(more.tensor(), k -> new BitSet()).set(more.span().from(), more.span().to());
    }

    private static boolean covers(Map<Integer, BitSet> rows, Rows need) {
      return rows.getOrDefault(need.tensor(), new BitSet()).nextClearBit(need.span().from()) >= need.span().to();
    }
  }
}
