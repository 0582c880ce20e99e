package dev.tilestream.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Ports, members, and the radio. */
final class Network {
  /** Below, a Wi-Fi falls back to its slowest rates; above, to good ones. Of the signal, dBm. */
  private static final double WEAK = -75;
  private static final double FAIR = -67;

  private Network() {}

  /** Whether a node could listen there. */
  static Finding port(String purpose, String host, int port) {
    String topic = "port " + port;
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return Finding.good(topic, "free at %s, for %s".formatted(host, purpose));
    } catch (IOException e) {
      return Finding.bad(topic, "cannot be bound at %s, for %s: %s".formatted(host, purpose, e.getMessage()),
          "is a node running already (ss -ltnp | grep %d)? Else give it another one, or an address of this machine".formatted(port));
    }
  }

  /** @param address host:port of a member */
  static Finding member(String address, Duration patience) {
    int colon = address.lastIndexOf(':');
    String topic = "member " + address;
    long start = System.nanoTime();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))), (int) patience.toMillis());
      return Finding.good(topic, String.format(Locale.ROOT, "reached in %.1f ms", (System.nanoTime() - start) / 1e6));
    } catch (IOException e) {
      return Finding.bad(topic, "not reached: " + e.getMessage(),
          "is it running, with --host %s, and do firewalls on both sides let that port through? Members call each other in both directions"
              .formatted(address.substring(0, colon)));
    }
  }

  /** By {@code /proc/net/wireless}: one finding for each radio. */
  static List<Finding> wifi(Machine machine) {
    List<Finding> findings = new ArrayList<>();
    for (String line : machine.lines("proc/net/wireless").stream().skip(2).toList()) {
      String[] columns = line.strip().split("\\s+");
      if (columns.length < 4) continue;
      String radio = columns[0].replace(":", "");
      // A full stop behind a number means that it was measured since it was last read.
      double level = Double.parseDouble(columns[3].replaceAll("\\.$", ""));
      findings.add(signal(radio, level));
    }
    if (findings.isEmpty()) findings.add(Finding.good("Wi-Fi", "no radio here; links go by what is measured of them"));
    return findings;
  }

  private static Finding signal(String radio, double level) {
    String what = String.format(Locale.ROOT, "%s at %.0f dBm", radio, level);
    if (level < WEAK)
      return Finding.doubtful(
          "Wi-Fi", what + ", weak", "expect a few Mbit/s and outages: another place for the access point, 5 GHz, or less distance");
    if (level < FAIR) return Finding.doubtful("Wi-Fi", what + ", fair", "rates will change as it moves; plans follow");
    return Finding.good("Wi-Fi", what + ", good. Power save makes every message late: iw dev %s set power_save off".formatted(radio));
  }
}
