package dev.tilestream.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Lets faults happen to a fleet under load, each once the one before is over. Not thread-safe. */
public final class Faults implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration STARTING = Duration.ofSeconds(120);
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
  private final List<Inflicted> inflicted = new ArrayList<>();
  private Optional<Unjudged> last = Optional.empty();

  /** @param putOutBefore how often the victim had been put out of the cluster before */
  private record Unjudged(FaultKind kind, Ground.Strike strike, boolean hit, LiveNode victim, int putOutBefore) {}

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
  public void inflict(FaultKind kind) throws InterruptedException {
    List<LiveNode> peers = fleet.peers();
    LiveNode chosen = peers.get(random.nextInt(peers.size()));
    awaitReady(chosen);
    awaitUse(chosen.name());
    TimeUnit.NANOSECONDS.sleep((long) (random.nextDouble() * SPREAD.toNanos()));
    judgeLast();
    int[] putOut = fleet.nodes().stream().mapToInt(Faults::putOut).toArray();
    Ground.Strike strike = switch (kind) {
      case KILL -> kill(chosen, kind.length());
      case PAUSE -> pause(chosen, kind.length());
      case OUTAGE, BLACKHOLE, PARTITION, SPLIT, MUTE -> ground.cut(kind, chosen.name());
    };
    // The links' own plan may have hit another than was chosen.
    LiveNode victim = fleet.node(strike.victim());
    boolean hit = load.used(victim.name(), strike.fromNanos() - RECENT.toNanos(), strike.fromNanos());
    last = Optional.of(new Unjudged(kind, strike, hit, victim, putOut[fleet.nodes().indexOf(victim)]));
  }

  /** All until now. Who is put out for one may be so only some time behind it: each is judged when the next comes, the last one now. */
  public List<Inflicted> all() {
    judgeLast();
    return List.copyOf(inflicted);
  }

  private void judgeLast() {
    last.ifPresent(f -> {
      boolean kept = watch.kept(f.victim.name(), f.strike.fromNanos()) && putOut(f.victim) == f.putOutBefore;
      inflicted.add(new Inflicted(f.kind, f.victim.name(), f.strike.fromNanos(), f.strike.toNanos(), f.hit, kept));
    });
    last = Optional.empty();
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

  /** One that was killed may still be starting. */
  private static void awaitReady(LiveNode node) throws InterruptedException {
    long deadline = System.nanoTime() + STARTING.toNanos();
    while (!node.client().ready())
      if (System.nanoTime() - deadline < 0) Thread.sleep(POLL.toMillis());
      else throw new IllegalStateException("%s is not ready %d s after a fault:%n%s".formatted(node.name(), STARTING.toSeconds(), node.log()));
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
