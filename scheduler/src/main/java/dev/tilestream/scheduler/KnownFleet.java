package dev.tilestream.scheduler;

import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import dev.tilestream.scheduler.profile.Medium;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** What a plan may use, from what the source knows. */
final class KnownFleet {
  /** On the diagonal, which is never read but must hold something. */
  private static final LinkEstimate NO_LINK = new LinkEstimate(1e9, 0, 0);

  private KnownFleet() {}

  /** The source first, then those of {@code peers} that have been measured for the model, by name. */
  static Fleet of(String source, Models.Prepared prepared, Collection<Peer> peers) {
    List<DeviceProfile> devices = new ArrayList<>();
    List<LinkEstimate> ways = new ArrayList<>();
    devices.add(prepared.profiles().get(source));
    ways.add(null);
    for (Peer peer : peers.stream().sorted(Comparator.comparing(Peer::name)).toList()) {
      DeviceProfile profile = prepared.profiles().get(peer.name());
      if (profile == null) continue;
      devices.add(profile);
      ways.add(peer.link().get());
    }
    List<List<LinkEstimate>> links = new ArrayList<>();
    for (int i = 0; i < ways.size(); i++) {
      List<LinkEstimate> row = new ArrayList<>();
      for (int j = 0; j < ways.size(); j++) row.add(i == j ? NO_LINK : between(ways.get(i), ways.get(j)));
      links.add(row);
    }
    return new Fleet(devices, links, Medium.PER_LINK);
  }

  /** From the source (null) it is the measured way; between two peers, nobody has told, so it is the worse of both ways. */
  private static LinkEstimate between(LinkEstimate a, LinkEstimate b) {
    if (a == null) return b;
    if (b == null) return a;
    return a.bytesPerSecond() <= b.bytesPerSecond() ? a : b;
  }
}
