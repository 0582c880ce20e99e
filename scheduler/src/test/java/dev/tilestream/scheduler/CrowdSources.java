package dev.tilestream.scheduler;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.PlanChoice;
import dev.tilestream.scheduler.plan.PlanHash;
import dev.tilestream.scheduler.plan.PlanTable;
import dev.tilestream.scheduler.plan.RateGrid;
import dev.tilestream.scheduler.plan.TrackRecord;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.Medium;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Sources as they are built: {@link KnownFleet}, {@link Drift}, {@link Rest} and {@link PlanChoice}, each at moments of its own. */
final class CrowdSources implements Crowd.Policy {
  private final Crowd crowd;
  private final List<Source> all = new ArrayList<>();

  CrowdSources(Crowd crowd, PlanChoice.Rules rules, double restSeconds, long seed) {
    this.crowd = crowd;
    for (Crowd.Robot r : crowd.robots) all.add(new Source(r, rules, restSeconds, new Random(seed + r.index)));
  }

  @Override
  public int choose(Crowd.Robot robot, double now) {
    return all.get(robot.index).choose(now);
  }

  @Override
  public void measured(Crowd.Robot robot, int plan, double seconds, double now) {
    all.get(robot.index).record(robot.plans.get(plan)).add(seconds, all.get(robot.index).promised, (long) (now * 1e9));
  }

  @Override
  public void told(double now) {
    all.forEach(source -> source.look(now));
  }

  long switches() {
    return all.stream().mapToLong(s -> s.choice.switches()).sum();
  }

  private final class Source {
    private final Crowd.Robot robot;
    private final KnownFleet known;
    private final Models.Prepared prepared;
    private final Map<String, TrackRecord> records = new HashMap<>();
    private final PlanChoice choice;
    private final Rest rest;
    private final Random random;
    private Fleet fleet;
    private PlanTable table;
    private double promised;

    Source(Crowd.Robot robot, PlanChoice.Rules rules, double restSeconds, Random random) {
      this.robot = robot;
      rest = new Rest((long) (restSeconds * 1e9), 0);
      this.random = random;
      known = new KnownFleet(robot.fleet.names().get(0), robot.index, Medium.PER_LINK);
      Map<String, Peer> peers = new HashMap<>();
      for (int e = 0; e < crowd.servers; e++) {
        int server = e;
        peers.put("edge-" + e, new Peer("edge-" + e, null, () -> robot.fleet.link(0, server + 1), () -> crowd.loads[server]));
      }
      known.peersChanged(peers);
      Map<String, DeviceProfile> profiles = new HashMap<>();
      robot.fleet.devices().forEach(d -> profiles.put(d.device(), d));
      prepared = new Models.Prepared(crowd.graph, profiles);
      choice = new PlanChoice(rules, entry -> records.computeIfAbsent(entry.hash(), h -> new TrackRecord((long) (10e9 * (0.8 + 0.4 * random.nextDouble())))));
      plan(0);
    }

    private void plan(double now) {
      fleet = known.of(prepared);
      table = PlanTable.empty(crowd.graph, fleet, new RateGrid(1, 0, 2), Objective.LATENCY).with(robot.plans);
      rest.begun((long) (now * 1e9), 0.5 + random.nextDouble());
    }

    void look(double now) {
      known.look();
      List<String> why = Drift.between(fleet, known.of(prepared), false).reasons();
      long nanos = (long) (now * 1e9);
      if (why.isEmpty() || !rest.over(why, nanos)) return;
      rest.round(why, nanos, 0.5 + random.nextDouble());
      drifted(now);
    }

    private void drifted(double now) {
      choice.drifted(false);
      records.values().forEach(record -> record.drifted((long) (now * 1e9)));
      plan(now);
    }

    int choose(double now) {
      long nanos = (long) (now * 1e9);
      PlanTable.Entry entry = choice.choose(table, 1, nanos).orElseThrow();
      entry = choice.trial(table, 1, nanos, e -> true).orElse(entry);
      promised = table.seconds(entry, 1);
      return robot.plans.indexOf(entry.plan());
    }

    TrackRecord record(Plan plan) {
      return choice.record(table.find(PlanHash.of(plan)).orElseThrow());
    }
  }
}
