package dev.tilestream.scheduler.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Differential evolution over numbers in [0, 1] (Storn and Price, Journal of Global Optimization 11, 1997; the variant that starts from
 * the best: best/1/bin). The same seed, the same result.
 */
final class DifferentialEvolution {
  private static final double WEIGHT = 0.6;
  private static final double CROSSOVER = 0.7;
  /** Generations without a better best before it stops. */
  private static final int PATIENCE = 6;

  private final ToDoubleFunction<double[]> cost;
  private final int generations;
  private final SplittableRandom random;
  private final List<double[]> population = new ArrayList<>();
  private final List<Double> costs = new ArrayList<>();
  private int best;

  /** @param cost less is better */
  DifferentialEvolution(ToDoubleFunction<double[]> cost, int generations, long seed) {
    this.cost = cost;
    this.generations = generations;
    random = new SplittableRandom(seed);
  }

  /** The best found by {@code size} individuals, the first of which are {@code seeds}. */
  double[] evolve(int dimensions, int size, List<double[]> seeds) {
    if (size < 4) throw new IllegalArgumentException("evolution: %d individuals (expected: at least 4)".formatted(size));
    for (int i = 0; i < size; i++) {
      double[] x = i < seeds.size() ? seeds.get(i).clone() : random.doubles(dimensions).toArray();
      population.add(x);
      costs.add(cost.applyAsDouble(x));
      if (costs.get(i) < costs.get(best)) best = i;
    }
    int idle = 0;
    for (int g = 0; g < generations && idle < PATIENCE; g++) {
      double before = costs.get(best);
      for (int i = 0; i < size; i++) challenge(i);
      idle = costs.get(best) < before ? 0 : idle + 1;
    }
    return population.get(best);
  }

  private void challenge(int i) {
    double[] x = population.get(i).clone();
    double[] leader = population.get(best);
    double[] a = population.get(other(i));
    double[] b = population.get(other(i));
    int sure = random.nextInt(x.length);
    for (int k = 0; k < x.length; k++)
      if (k == sure || random.nextDouble() < CROSSOVER) {
        double moved = leader[k] + WEIGHT * (a[k] - b[k]);
        x[k] = moved < 0 || moved > 1 ? random.nextDouble() : moved;
      }
    double now = cost.applyAsDouble(x);
    if (now > costs.get(i)) return;
    population.set(i, x);
    costs.set(i, now);
    if (now < costs.get(best)) best = i;
  }

  private int other(int than) {
    int i = random.nextInt(population.size() - 1);
    return i < than ? i : i + 1;
  }
}
