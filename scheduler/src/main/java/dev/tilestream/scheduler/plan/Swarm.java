package dev.tilestream.scheduler.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * SPSO-GA: self-adaptive particle swarm optimisation whose moves are a genetic algorithm's operators, over a device for each unit (Chen
 * et al., Energy-Efficient Offloading for DNN-Based Smart IoT Systems in Cloud-Edge Environments, IEEE Transactions on Parallel and
 * Distributed Systems 33(3), 2022). A particle moves by mutation in place of its inertia, then by crossing over with the best it has
 * seen itself, then with the best that all have seen. Inertia follows from how far the particle is from that best one; the two other
 * chances run linearly over the iterations. The same seed, the same result.
 */
final class Swarm {
  private static final int PARTICLES = 40;
  private static final int ITERATIONS = 120;
  private static final double MOST_INERTIA = 0.9;
  private static final double LEAST_INERTIA = 0.4;
  private static final double[] OWN = {0.9, 0.2};
  private static final double[] COMMON = {0.4, 0.9};

  /** What a particle is worth; less is better. */
  interface Cost {
    double of(int[] device);
  }

  private static final class Particle {
    int[] at;
    int[] best;
    double cost;
  }

  private final int devices;
  private final Cost cost;
  private final SplittableRandom random;
  private final List<Particle> particles = new ArrayList<>();
  private Particle leader;

  Swarm(int devices, Cost cost, long seed) {
    this.devices = devices;
    this.cost = cost;
    random = new SplittableRandom(seed);
  }

  /** The best places of all particles, the best first. The swarm starts from {@code seeds} and random places. */
  List<int[]> fly(int units, List<int[]> seeds) {
    for (int[] s : seeds) join(s.clone());
    while (particles.size() < PARTICLES) join(random.ints(units, 0, devices).toArray());
    for (int i = 0; i < ITERATIONS; i++) {
      double progress = i / (double) (ITERATIONS - 1);
      for (Particle p : particles) move(p, progress);
    }
    particles.sort((a, b) -> Double.compare(a.cost, b.cost));
    return particles.stream().map(p -> p.best).toList();
  }

  private void join(int[] at) {
    Particle p = new Particle();
    p.at = at;
    p.best = at;
    p.cost = cost.of(at);
    particles.add(p);
    if (leader == null || p.cost < leader.cost) leader = p;
  }

  private void move(Particle p, double progress) {
    int[] next = p.at.clone();
    if (random.nextDouble() < inertia(next)) next[random.nextInt(next.length)] = random.nextInt(devices);
    if (random.nextDouble() < between(OWN, progress)) cross(next, p.best);
    if (random.nextDouble() < between(COMMON, progress)) cross(next, leader.best);
    p.at = next;
    double now = cost.of(next);
    if (now >= p.cost) return;
    p.best = next;
    p.cost = now;
    if (now < leader.cost) leader = p;
  }

  /** Near the leader a particle looks around closely, far from it it roams. */
  private double inertia(int[] at) {
    int different = 0;
    for (int u = 0; u < at.length; u++) if (at[u] != leader.best[u]) different++;
    double distance = different / (double) at.length;
    return MOST_INERTIA - (MOST_INERTIA - LEAST_INERTIA) * Math.exp(distance / (distance - 1.01));
  }

  private static double between(double[] range, double progress) {
    return range[0] + (range[1] - range[0]) * progress;
  }

  /** Takes over what lies between two random places. */
  private void cross(int[] into, int[] from) {
    int a = random.nextInt(into.length);
    int b = random.nextInt(into.length);
    for (int u = Math.min(a, b); u <= Math.max(a, b); u++) into[u] = from[u];
  }
}
