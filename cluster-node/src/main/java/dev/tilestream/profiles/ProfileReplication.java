package dev.tilestream.profiles;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.Member;
import akka.cluster.ddata.Key;
import akka.cluster.ddata.LWWMap;
import akka.cluster.ddata.LWWMapKey;
import akka.cluster.ddata.SelfUniqueAddress;
import akka.cluster.ddata.typed.javadsl.DistributedData;
import akka.cluster.ddata.typed.javadsl.Replicator;
import akka.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;
import akka.cluster.typed.Cluster;
import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.DeviceProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Shares this device's profiles and load with all members, and theirs with {@link SharedProfiles}. Profiles lie in a fixed number of
 * last-writer-wins maps by graph hash and device; each device writes only its own entries, so many at most, writes an entry again that got
 * lost, and every member removes those of devices that are members no more.
 */
public final class ProfileReplication extends AbstractBehavior<ProfileReplication.Command> {
  /** What this actor understands; only sent within the node. */
  public sealed interface Command {}

  /** This device's profile is now that; {@code measured} unless it is an estimate. */
  public record Publish(DeviceProfile profile, boolean measured) implements Command {}

  /** This device's load is now that. */
  public record PublishLoad(DeviceLoad load) implements Command {}

  /** Hand out at once what has come from others. */
  public record Flush() implements Command {}

  private record ProfilesChanged(int bucket, Map<String, SharedProfile> entries) implements Command {}

  private record LoadsChanged(Map<String, SharedLoad> entries) implements Command {}

  /** Remove what nobody is left to answer for; sent by a timer. */
  record Sweep() implements Command {}

  private record Nothing() implements Command {}

  /** Keys of Distributed Data live for ever, so there is a fixed number; entries are spread over them by their graph. */
  private static final int BUCKETS = 32;
  /** Graphs that a device shares; the one published longest ago goes. */
  private static final int MOST_PUBLISHED = 64;
  private static final Duration SWEEP = Duration.ofSeconds(15);
  private static final Duration WRITE = Duration.ofSeconds(2);
  private static final String PROFILES = "tilestream-profiles-";
  private static final Key<LWWMap<String, SharedLoad>> LOADS = LWWMapKey.create("tilestream-loads");

  private final String device;
  private final SharedProfiles shared;
  private final ActorRef<Replicator.Command> replicator;
  private final SelfUniqueAddress self;
  private final long uid;
  private final Cluster cluster;
  private final Map<String, SharedProfile> published = new LinkedHashMap<>();
  private final List<Map<String, SharedProfile>> seen = new ArrayList<>();
  private Map<String, SharedLoad> seenLoads = Map.of();
  /** Writers that were no members at the last sweep: news of a member may come after its first entries. */
  private Set<Long> strangers = Set.of();

  private ProfileReplication(ActorContext<Command> context, TimerScheduler<Command> timers, String device, SharedProfiles shared) {
    super(context);
    this.device = device;
    this.shared = shared;
    DistributedData data = DistributedData.get(context.getSystem());
    replicator = data.replicator();
    self = data.selfUniqueAddress();
    uid = self.uniqueAddress().longUid();
    cluster = Cluster.get(context.getSystem());
    var profiles = new ReplicatorMessageAdapter<Command, LWWMap<String, SharedProfile>>(context, replicator, WRITE);
    var loads = new ReplicatorMessageAdapter<Command, LWWMap<String, SharedLoad>>(context, replicator, WRITE);
    // An actor has one adapter for all subscriptions: the last one, so they are all the same.
    for (int b = 0; b < BUCKETS; b++) {
      seen.add(Map.of());
      profiles.subscribe(key(b), ProfileReplication::changed);
    }
    loads.subscribe(LOADS, ProfileReplication::changed);
    timers.startTimerWithFixedDelay(new Sweep(), SWEEP);
  }

  /** @param device name of this device */
  public static Behavior<Command> create(String device, SharedProfiles shared) {
    return Behaviors.setup(context -> Behaviors.withTimers(timers -> new ProfileReplication(context, timers, device, shared)));
  }

  private static Key<LWWMap<String, SharedProfile>> key(int bucket) {
    return LWWMapKey.create(PROFILES + bucket);
  }

  @SuppressWarnings("unchecked")
  private static <D extends akka.cluster.ddata.ReplicatedData> Command changed(Replicator.SubscribeResponse<D> response) {
    if (!(response instanceof Replicator.Changed<D> c)) return new Nothing();
    Map<String, ?> entries = ((LWWMap<String, ?>) c.dataValue()).getEntries();
    String id = c.key().id();
    return id.equals(LOADS.id())
        ? new LoadsChanged((Map<String, SharedLoad>) entries)
        : new ProfilesChanged(Integer.parseInt(id.substring(PROFILES.length())), (Map<String, SharedProfile>) entries);
  }

  private static int bucket(String graphHash) {
    return Math.floorMod(graphHash.hashCode(), BUCKETS);
  }

  private static String entry(String graphHash, String device) {
    return graphHash + "/" + device;
  }

  /** Of an entry; a device's name has no slash in it. */
  private static SharedProfiles.Key parts(String entry) {
    int slash = entry.lastIndexOf('/');
    return new SharedProfiles.Key(entry.substring(0, Math.max(0, slash)), entry.substring(slash + 1));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Publish.class, this::onPublish)
        .onMessage(PublishLoad.class, this::onPublishLoad)
        .onMessage(ProfilesChanged.class, this::onProfilesChanged)
        .onMessage(LoadsChanged.class, this::onLoadsChanged)
        .onMessage(Flush.class, this::onFlush)
        .onMessage(Sweep.class, this::onSweep)
        .onMessage(Nothing.class, none -> this)
        .build();
  }

  private Behavior<Command> onPublish(Publish message) {
    String entry = entry(message.profile.graphHash(), device);
    SharedProfile now = SharedProfile.of(uid, message.measured, message.profile);
    if (now.equals(published.get(entry))) return this;
    published.remove(entry);
    published.put(entry, now);
    if (published.size() > MOST_PUBLISHED) {
      String oldest = published.keySet().iterator().next();
      published.remove(oldest);
      update(oldest, map -> map.remove(self, oldest));
    }
    update(entry, map -> map.put(self, entry, now));
    return this;
  }

  /** To all members at once: somebody may be waiting for it. */
  private void update(String entry, Function<LWWMap<String, SharedProfile>, LWWMap<String, SharedProfile>> change) {
    update(key(bucket(parts(entry).graphHash())), new Replicator.WriteAll(WRITE), change);
  }

  /** What becomes of it is not asked: a member that did not answer hears of it by gossip. */
  private <D> void update(Key<LWWMap<String, D>> key, Replicator.WriteConsistency to, Function<LWWMap<String, D>, LWWMap<String, D>> change) {
    replicator.tell(new Replicator.Update<>(key, LWWMap.empty(), to, getContext().getSystem().ignoreRef(), change));
  }

  private Behavior<Command> onPublishLoad(PublishLoad message) {
    SharedLoad now = SharedLoad.of(uid, message.load);
    update(LOADS, Replicator.writeLocal(), map -> map.put(self, device, now));
    return this;
  }

  private Behavior<Command> onFlush(Flush message) {
    replicator.tell(Replicator.flushChanges());
    return this;
  }

  private Behavior<Command> onProfilesChanged(ProfilesChanged message) {
    Map<String, SharedProfile> before = seen.get(message.bucket);
    seen.set(message.bucket, Map.copyOf(message.entries));
    message.entries.forEach((entry, profile) -> {
      if (!profile.equals(before.get(entry))) note(parts(entry), profile);
    });
    before.keySet().forEach(entry -> {
      SharedProfiles.Key key = parts(entry);
      if (!message.entries.containsKey(entry) && !key.device().equals(device)) shared.remove(key);
    });
    // Somebody took this device for one that is gone, or an earlier start of it wrote last.
    published.forEach((entry, mine) -> {
      if (bucket(parts(entry).graphHash()) == message.bucket && before.containsKey(entry) && !mine.equals(message.entries.get(entry))
          && !known(message.entries.get(entry)))
        update(entry, map -> map.put(self, entry, mine));
    });
    return this;
  }

  /** An older value of this very start is on its way out already. */
  private boolean known(SharedProfile entry) {
    return entry != null && entry.writer() == uid;
  }

  private void note(SharedProfiles.Key key, SharedProfile profile) {
    if (!key.device().equals(device)) profile.decode(key.device(), key.graphHash()).ifPresent(p -> shared.put(p, profile.measured()));
  }

  private Behavior<Command> onLoadsChanged(LoadsChanged message) {
    seenLoads = Map.copyOf(message.entries);
    seenLoads.forEach((name, load) -> load.of(name).ifPresent(shared::putLoad));
    shared.retainLoads(seenLoads.keySet());
    return this;
  }

  /** Removes what devices that are members no more have left. */
  private Behavior<Command> onSweep(Sweep message) {
    Set<Long> members = new HashSet<>();
    for (Member member : cluster.state().getMembers()) members.add(member.uniqueAddress().longUid());
    members.add(uid);
    Set<Long> absent = new HashSet<>();
    seen.forEach(bucket -> bucket.values().forEach(p -> absent.add(p.writer())));
    seenLoads.values().forEach(load -> absent.add(load.writer()));
    absent.removeAll(members);
    Set<Long> gone = new HashSet<>(absent);
    gone.retainAll(strangers);
    strangers = absent;
    if (gone.isEmpty()) return this;
    getContext().getLog().debug("profiles of {} members that left are removed", gone.size());
    for (Map<String, SharedProfile> bucket : seen) new HashMap<>(bucket).forEach((entry, profile) -> {
      if (gone.contains(profile.writer())) update(entry, map -> stillOf(map, entry, gone) ? map.remove(self, entry) : map);
    });
    seenLoads.forEach((name, load) -> {
      if (gone.contains(load.writer())) update(LOADS, Replicator.writeLocal(), map -> map.remove(self, name));
    });
    return this;
  }

  private static boolean stillOf(LWWMap<String, SharedProfile> map, String entry, Set<Long> gone) {
    SharedProfile now = map.getEntries().get(entry);
    return now != null && gone.contains(now.writer());
  }
}
