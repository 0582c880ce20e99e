package dev.tilestream.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Lets faults happen to a fleet under load, each once the one before is over. Not thread-safe. */
public final class Faults implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration RECENT = Duration.ofSeconds(1);
  /** Within which the moment of a fault is random: many inferences. */
  private static final Duration SPREAD = Duration.ofSeconds(1);
  private static final String PUT_OUT = "has put this node out";

  private final Ground ground;
  private final FaultyFleet fleet;
  private final Load load;
  private final Duration recovery;
  private final Random random;
  private final MemberWatch watch;

  /** @param recovery how long a fault waits for its victim to compute for the source again, at most */
  public Faults(Ground ground, FaultyFleet fleet, Load load, Duration recovery, long seed) {
    this.ground = ground;
    this.fleet = fleet;
    this.load = load;
    this.recovery = recovery;
    random = new Random(seed);
    watch = MemberWatch.of(fleet.source());
  }

  /** One to a peer by lot, at a random moment once that peer computes for the source; returns when it is over. */
  public Inflicted inflict(FaultKind kind) throws InterruptedException {
    List<LiveNode> peers = fleet.peers();
    LiveNode chosen = peers.get(random.nextInt(peers.size()));
    awaitUse(chosen.name());
    TimeUnit.NANOSECONDS.sleep((long) (random.nextDouble() * SPREAD.toNanos()));
    int putOut = putOut(chosen);
    Ground.Strike strike = switch (kind) {
      case KILL -> kill(chosen, kind.length());
      case PAUSE -> pause(chosen, kind.length());
      case OUTAGE, BLACKHOLE, PARTITION -> ground.cut(kind, chosen.name());
    };
    LiveNode victim = fleet.node(strike.victim());
    boolean hit = load.used(victim.name(), strike.fromNanos() - RECENT.toNanos(), strike.fromNanos());
    // The links' own plan may have hit another than was chosen.
    boolean kept = watch.kept(victim.name(), strike.fromNanos()) && (victim != chosen || putOut(victim) == putOut);
    return new Inflicted(kind, victim.name(), strike.fromNanos(), strike.toNanos(), hit, kept);
  }

  /** So many, one after the other. */
  public List<Inflicted> inflict(FaultKind kind, int times) throws InterruptedException {
    List<Inflicted> all = new ArrayList<>();
    for (int i = 0; i < times; i++) all.add(inflict(kind));
    return all;
  }

  private static Ground.Strike kill(LiveNode victim, Duration length) throws InterruptedException {
    long from = System.nanoTime();
    victim.kill();
    TimeUnit.NANOSECONDS.sleep(length.toNanos());
    victim.start();
    return new Ground.Strike(victim.name(), from, System.nanoTime());
  }

  private static Ground.Strike pause(LiveNode victim, Duration length) throws InterruptedException {
    long from = System.nanoTime();
    victim.standStill();
    try {
      TimeUnit.NANOSECONDS.sleep(length.toNanos());
    } finally {
      victim.goOn();
    }
    return new Ground.Strike(victim.name(), from, System.nanoTime());
  }

  private boolean used(String name) {
    long now = System.nanoTime();
    return load.used(name, now - RECENT.toNanos(), now);
  }

  private void awaitUse(String name) throws InterruptedException {
    long deadline = System.nanoTime() + recovery.toNanos();
    while (!used(name) && System.nanoTime() - deadline < 0) Thread.sleep(POLL.toMillis());
  }

  private static int putOut(LiveNode node) {
    return node.log().split(PUT_OUT, -1).length - 1;
  }

  @Override
  public void close() {
    watch.close();
  }
}
