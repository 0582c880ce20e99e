package dev.tilestream.fault;

import java.security.SecureRandom;
import java.util.HexFormat;

/** What lets this process alone ask the nodes that it starts: some of them are reached by others than loopback. Another one in each run. */
final class FleetToken {
  private static final int BYTES = 32;

  static final String VALUE = random();

  private FleetToken() {}

  private static String random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
