package dev.tilestream.scheduler;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Strategy;
import dev.tilestream.scheduler.plan.PlanOptions;
import dev.tilestream.scheduler.plan.Planners;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.simulate.Simulation;
import dev.tilestream.scheduler.simulate.Simulator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Many robots that share edge servers and perhaps one air, on paper: each asks for inferences at random moments, about one in a period,
 * and has a plan for each way to serve them. An inference takes its robot's lane, the air and its server's lane one after the other and
 * waits for each behind whoever came first; what of its plan overlaps is taken off. What robots learn is what nodes tell: how busy servers
 * were over the last seconds, and how long inferences took.
 */
final class Crowd {
  private static final double LOOK_SECONDS = 0.25;
  private static final double LOAD_SECONDS = 3;

  /** How a plan uses what is shared; {@code server} -1: nothing of it. */
  record Use(int server, double ownSeconds, double airSeconds, double serverSeconds, double overlapSeconds) {}

  /** Who decides: returns the plan that {@code robot} uses for its next inference. */
  interface Policy {
    int choose(Robot robot, double now);

    /** An inference by plan {@code plan} took so long. */
    default void measured(Robot robot, int plan, double seconds, double now) {}

    /** Servers told anew how busy they are. */
    default void told(double now) {}
  }

  /** One source: its devices, its plans, and what it does with them. */
  final class Robot {
    final int index;
    final Fleet fleet;
    final List<Plan> plans = new ArrayList<>();
    final List<Use> uses = new ArrayList<>();
    final List<Double> alone = new ArrayList<>();

    Robot(int index, Fleet fleet) {
      this.index = index;
      this.fleet = fleet;
      add(Planners.of(Strategy.LOCAL).plan(graph, fleet.part(List.of(0)), PlanOptions.DEFAULT));
      for (int e = 1; e < fleet.size(); e++)
        for (Strategy s : List.of(Strategy.OFFLOAD, Strategy.LAYER, Strategy.HYBRID)) {
          Plan plan = Planners.of(s).plan(graph, fleet.part(List.of(0, e)), PlanOptions.DEFAULT);
          if (plan.devices().size() > 1) add(plan);
        }
    }

    private void add(Plan plan) {
      Fleet part = fleet.part(plan.devices().stream().map(fleet.names()::indexOf).toList());
      Simulation s = new Simulator().run(graph, plan, part);
      int server = plan.devices().size() == 1 ? -1 : fleet.names().indexOf(plan.devices().get(1)) - 1;
      double air = server < 0 ? 0 : s.bytesOverAir() / part.link(0, 1).bytesPerSecond();
      double there = server < 0 ? 0 : s.busySeconds(1);
      double overlap = s.busySeconds(0) + air + there - s.latencySeconds();
      plans.add(plan);
      uses.add(new Use(server, s.busySeconds(0), air, there, overlap));
      alone.add(s.latencySeconds());
    }
  }

  final OperatorGraph graph;
  final int servers;
  final boolean sharedAir;
  final double period;
  final List<Robot> robots = new ArrayList<>();
  /** What each server says of itself. */
  final DeviceLoad[] loads;
  private final List<List<double[]>> recent = new ArrayList<>();

  Crowd(OperatorGraph graph, int count, int servers, boolean sharedAir, double period, double megabits, long seed) {
    this.graph = graph;
    this.servers = servers;
    this.sharedAir = sharedAir;
    this.period = period;
    Random random = new Random(seed);
    loads = new DeviceLoad[servers];
    for (int e = 0; e < servers; e++) recent.add(new ArrayList<>());
    for (int r = 0; r < count; r++) {
      List<DeviceProfile> devices = new ArrayList<>();
      devices.add(Fleets.device("robot-" + r, graph, 1e9 * (0.6 + 0.8 * random.nextDouble()), 30e-6));
      for (int e = 0; e < servers; e++) devices.add(Fleets.device("edge-" + e, graph, 1e10, 15e-6));
      double rate = megabits * (sharedAir ? 1 : 0.5 + random.nextDouble());
      robots.add(new Robot(r, new Fleet(devices, Fleet.uniform(devices, LinkEstimate.ofMegabits(rate, 1)).links(), Medium.PER_LINK)));
    }
  }

  /**
   * Seconds that all inferences between {@code from} and {@code to} took together. When each asks depends on the seed alone, not on {@code
   * start}, when they begin.
   */
  double run(Policy policy, double start, double from, double to, long seed) {
    recent.forEach(List::clear);
    for (int e = 0; e < servers; e++) loads[e] = DeviceLoad.idle("edge-" + e);
    PriorityQueue<double[]> asks = new PriorityQueue<>((a, b) -> Double.compare(a[0], b[0]));
    for (Robot r : robots)
      for (int k = (int) (start / period); k < to / period; k++) asks.add(new double[] {period * (k + jitter(seed, r.index, k)), r.index});
    Lanes lanes = new Lanes();
    PriorityQueue<Stop> stops = new PriorityQueue<>((a, b) -> Double.compare(a.at, b.at));
    double total = 0;
    double look = start;
    while (!asks.isEmpty() || !stops.isEmpty()) {
      double now = Math.min(asks.isEmpty() ? Double.POSITIVE_INFINITY : asks.peek()[0], stops.isEmpty() ? Double.POSITIVE_INFINITY : stops.peek().at);
      for (; look <= now; look += LOOK_SECONDS) {
        tell(look);
        policy.told(look);
      }
      if (!stops.isEmpty() && stops.peek().at <= now) {
        Stop stop = stops.poll();
        if (stop.leg < 3) stops.add(lanes.next(stop));
        else {
          double seconds = Math.max(robots.get(stop.robot).alone.get(stop.plan), now - stop.asked - stop.use.overlapSeconds());
          if (stop.asked >= from) total += seconds;
          policy.measured(robots.get(stop.robot), stop.plan, seconds, now);
        }
        continue;
      }
      int robot = (int) asks.poll()[1];
      int plan = policy.choose(robots.get(robot), now);
      stops.add(lanes.next(new Stop(now, 0, robot, plan, robots.get(robot).uses.get(plan), now)));
    }
    return total;
  }

  /** In [0, 1), of the {@code k}th request of a robot. */
  private static double jitter(long seed, int robot, int k) {
    return new Random(seed * 1_000_003L + robot * 7919L + k * 104_729L).nextDouble();
  }

  /** An inference that has done {@code leg} legs by {@code at}: own lane, air, server. */
  private record Stop(double at, int leg, int robot, int plan, Use use, double asked) {}

  /** When each lane and air is free again. */
  private final class Lanes {
    private final double[] own = new double[robots.size()];
    private final double[] air = new double[robots.size()];
    private final double[] server = new double[servers];

    Stop next(Stop s) {
      double end = switch (s.leg) {
        case 0 -> own[s.robot] = Math.max(s.at, own[s.robot]) + s.use.ownSeconds();
        case 1 -> {
          int channel = sharedAir ? 0 : s.robot;
          yield s.use.airSeconds() == 0 ? s.at : (air[channel] = Math.max(s.at, air[channel]) + s.use.airSeconds());
        }
        default -> s.use.server() < 0 ? s.at : serve(s);
      };
      return new Stop(end, s.leg + 1, s.robot, s.plan, s.use, s.asked);
    }

    private double serve(Stop s) {
      int e = s.use.server();
      server[e] = Math.max(s.at, server[e]) + s.use.serverSeconds();
      recent.get(e).add(new double[] {server[e], s.use.serverSeconds(), s.robot});
      return server[e];
    }
  }

  /** Servers measure themselves over the last seconds, and tell by source. */
  private void tell(double now) {
    for (int e = 0; e < servers; e++) {
      recent.get(e).removeIf(run -> run[0] < now - LOAD_SECONDS);
      double busy = 0;
      double squares = 0;
      int n = 0;
      Map<Long, Double> by = new HashMap<>();
      for (double[] run : recent.get(e)) {
        if (run[0] > now) continue;
        busy += run[1];
        squares += run[1] * run[1];
        n++;
        by.merge((long) run[2], run[1] / LOAD_SECONDS, Double::sum);
      }
      double mean = n == 0 ? 0 : busy / n;
      double variation = n == 0 ? 0 : Math.sqrt(Math.max(0, squares / n - mean * mean)) / mean;
      by.replaceAll((source, share) -> Math.min(1, share));
      loads[e] = new DeviceLoad("edge-" + e, 0, Math.min(1, busy / LOAD_SECONDS), mean, variation, by);
    }
  }

  /** Every robot always by the same plan. */
  static Policy fixed(int[] plans) {
    return (robot, now) -> plans[robot.index];
  }

  /**
   * The central plan: all robots' choices by one who knows everything, arrivals included. Greedy, then descent along coordinates: one
   * robot after the other takes the plan with which all together take least, until none changes.
   */
  int[] central(double from, double to, long seed, int rounds) {
    int[] plans = new int[robots.size()];
    double best = run(fixed(plans), from - 1, from, to, seed);
    for (int round = 0; round < rounds; round++) {
      boolean changed = false;
      for (Robot r : robots) {
        int kept = plans[r.index];
        for (int p = 0; p < r.plans.size(); p++) {
          if (p == kept) continue;
          plans[r.index] = p;
          double total = run(fixed(plans), from - 1, from, to, seed);
          if (total < best * (1 - 1e-9)) {
            best = total;
            kept = p;
            changed = true;
          }
        }
        plans[r.index] = kept;
      }
      if (!changed) break;
    }
    return plans;
  }
}
