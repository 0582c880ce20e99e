package dev.tilestream.scheduler;

import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What plans may use, from what the source knows. How long peers make tiles wait is told in jumps and answers to what sources decide, so
 * it is followed slowly: sources that all run to the idlest server at once would find it the busiest. Links are followed within a
 * second: what is measured is an average already.
 */
final class KnownFleet {
  /** On the diagonal, which is never read but must hold something. */
  private static final LinkEstimate NO_LINK = new LinkEstimate(1e9, 0, 0);
  /** Share of what is told anew that is believed at each look. */
  private static final double BELIEVED = 0.06;
  private static final double LINK_BELIEVED = 0.8;

  private final String source;
  private final long incarnation;
  private final Medium medium;
  private final Map<String, Double> waits = new HashMap<>();
  private final Map<String, LinkEstimate> links = new HashMap<>();
  private Map<String, Peer> peers = Map.of();

  /**
   * @param incarnation under which devices count what this source has them do
   * @param medium what takes turns on the air
   */
  KnownFleet(String source, long incarnation, Medium medium) {
    this.source = source;
    this.medium = medium;
    this.incarnation = incarnation;
  }

  void peersChanged(Map<String, Peer> now) {
    peers = Map.copyOf(now);
    waits.keySet().retainAll(peers.keySet());
    links.keySet().retainAll(peers.keySet());
  }

  /** Takes note of how busy peers say they are and of what links deliver; to be called at even intervals. */
  void look() {
    peers.forEach((name, peer) -> {
      double told = peer.load().get().contention(incarnation).waitSeconds();
      links.merge(name, peer.link().get(), KnownFleet::followed);
      waits.merge(name, told * BELIEVED, (before, share) -> before * (1 - BELIEVED) + share);
    });
  }

  /** Rates move by their ratio: an average of times would take a moment of outage for many of plenty, one of rates the other way. */
  private static LinkEstimate followed(LinkEstimate before, LinkEstimate now) {
    double rate = before.bytesPerSecond() * Math.pow(now.bytesPerSecond() / before.bytesPerSecond(), LINK_BELIEVED);
    double delay = (1 - LINK_BELIEVED) * before.delaySeconds() + LINK_BELIEVED * now.delaySeconds();
    return new LinkEstimate(rate, delay, now.messageSeconds(), now.rateDeviation(), now.delayDeviationSeconds());
  }

  /** The source first, then those peers that have been measured for the model, by name. */
  Fleet of(Models.Prepared prepared) {
    List<DeviceProfile> devices = new ArrayList<>();
    List<LinkEstimate> ways = new ArrayList<>();
    List<Double> expected = new ArrayList<>();
    devices.add(prepared.profiles().get(source));
    ways.add(null);
    expected.add(0.0);
    for (Peer peer : peers.values().stream().sorted(Comparator.comparing(Peer::name)).toList()) {
      DeviceProfile profile = prepared.profiles().get(peer.name());
      if (profile == null) continue;
      devices.add(profile);
      ways.add(links.computeIfAbsent(peer.name(), name -> peer.link().get()));
      expected.add(waits.getOrDefault(peer.name(), 0.0));
    }
    List<List<LinkEstimate>> between = new ArrayList<>();
    for (int i = 0; i < ways.size(); i++) {
      List<LinkEstimate> row = new ArrayList<>();
      for (int j = 0; j < ways.size(); j++) row.add(i == j ? NO_LINK : between(ways.get(i), ways.get(j)));
      between.add(row);
    }
    return new Fleet(devices, between, medium, expected);
  }

  /** From the source (null) it is the measured way; between two peers, nobody has told, so it is the worse of both ways. */
  private static LinkEstimate between(LinkEstimate a, LinkEstimate b) {
    if (a == null) return b;
    if (b == null) return a;
    return a.bytesPerSecond() <= b.bytesPerSecond() ? a : b;
  }
}
