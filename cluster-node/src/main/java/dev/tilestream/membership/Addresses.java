package dev.tilestream.membership;

import akka.actor.Address;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Members' addresses as settings and members name them: {@code host:port}. */
public final class Addresses {
  /** What every node calls its actor system. */
  public static final String SYSTEM = "tilestream";
  /** More than a sensible fleet has. */
  private static final int MOST = 4096;

  private Addresses() {}

  /** @throws IllegalArgumentException when it is no {@code host:port} */
  public static Address of(String hostPort) {
    int colon = hostPort == null ? -1 : hostPort.lastIndexOf(':');
    if (colon < 1 || !hostPort.substring(colon + 1).matches("\\d{1,5}"))
      throw new IllegalArgumentException("address: %s (expected: host:port)".formatted(hostPort));
    return new Address("akka", SYSTEM, hostPort.substring(0, colon), Integer.parseInt(hostPort.substring(colon + 1)));
  }

  static Set<Address> of(Collection<String> all) {
    if (all.size() > MOST) throw new IllegalArgumentException("members: %d (expected: at most %d)".formatted(all.size(), MOST));
    Set<Address> addresses = new LinkedHashSet<>();
    for (String one : all) addresses.add(of(one));
    return addresses;
  }

  static String hostPort(Address address) {
    return address.getHost().orElse("") + ":" + address.getPort().orElse(0);
  }

  static List<String> hostPorts(Collection<Address> addresses) {
    return addresses.stream().map(Addresses::hostPort).toList();
  }
}
