package dev.tilestream.profiles;

import dev.tilestream.scheduler.profile.DeviceLoad;
import dev.tilestream.scheduler.profile.DeviceProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What this node knows of all devices' speed and load, its own included. {@link ProfileReplication} keeps it as the other members' is.
 * Bounded; thread-safe.
 */
public final class SharedProfiles {
  /** Graphs of one device that are kept; more than it shares itself. */
  private static final int MOST_OF_DEVICE = 128;

  /** One device's profile for one graph. */
  record Key(String graphHash, String device) {}

  private record Known(DeviceProfile profile, boolean measured) {}

  private record Awaited(Key key, boolean measured, CompletableFuture<DeviceProfile> answer) {}

  /** In the order of their last change. */
  private final Map<Key, Known> known = new LinkedHashMap<>();
  private final Map<String, DeviceLoad> loads = new HashMap<>();
  private final List<Awaited> awaited = new ArrayList<>();
  private final List<Consumer<DeviceProfile>> listeners = new CopyOnWriteArrayList<>();

  /** {@code listener} is told of a device's profile that is another now, on any thread; must not block. */
  public void listen(Consumer<DeviceProfile> listener) {
    listeners.add(listener);
  }

  /** The latest. */
  public synchronized Optional<DeviceProfile> find(String graphHash, String device) {
    return Optional.ofNullable(known.get(new Key(graphHash, device))).map(Known::profile);
  }

  /** Whether what {@link #find} gives is more than an estimate. */
  public synchronized boolean measured(String graphHash, String device) {
    Known now = known.get(new Key(graphHash, device));
    return now != null && now.measured;
  }

  /** The latest as soon as there is one; fails with a {@code TimeoutException} after {@code patience}. */
  public CompletionStage<DeviceProfile> await(String graphHash, String device, Duration patience) {
    return await(new Key(graphHash, device), false, patience);
  }

  /** The same, but estimates do not count. */
  public CompletionStage<DeviceProfile> awaitMeasured(String graphHash, String device, Duration patience) {
    return await(new Key(graphHash, device), true, patience);
  }

  private CompletionStage<DeviceProfile> await(Key key, boolean measured, Duration patience) {
    Awaited fresh = new Awaited(key, measured, new CompletableFuture<>());
    synchronized (this) {
      Known now = known.get(key);
      if (now != null && (now.measured || !measured)) return CompletableFuture.completedFuture(now.profile);
      awaited.add(fresh);
    }
    return fresh.answer.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).whenComplete((profile, failure) -> {
      synchronized (this) {
        awaited.remove(fresh);
      }
    });
  }

  /** How busy a device says it is; idle when it says nothing. */
  public synchronized DeviceLoad load(String device) {
    return loads.getOrDefault(device, DeviceLoad.idle(device));
  }

  /** @return whether that is news */
  boolean put(DeviceProfile profile, boolean measured) {
    Key key = new Key(profile.graphHash(), profile.device());
    Known now = new Known(profile, measured);
    Known before;
    List<Awaited> answered;
    synchronized (this) {
      before = known.get(key);
      if (now.equals(before)) return false;
      known.remove(key);
      known.put(key, now);
      forget(key.device);
      answered = awaited.stream().filter(a -> a.key.equals(key) && (measured || !a.measured)).toList();
    }
    // Listeners first: who awaits the profile finds its consequences under way.
    if (before != null) listeners.forEach(l -> l.accept(profile));
    answered.forEach(a -> a.answer.complete(profile));
    return true;
  }

  /** Keeps to the bound: what of a device was learnt longest ago goes. */
  private void forget(String device) {
    List<Key> all = known.keySet().stream().filter(k -> k.device.equals(device)).toList();
    for (Key k : all.subList(0, Math.max(0, all.size() - MOST_OF_DEVICE))) known.remove(k);
  }

  synchronized void putLoad(DeviceLoad load) {
    loads.put(load.device(), load);
  }

  synchronized void retainLoads(Set<String> devices) {
    loads.keySet().retainAll(devices);
  }

  synchronized void remove(Key key) {
    known.remove(key);
  }
}
