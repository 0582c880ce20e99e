package dev.tilestream.scheduler.profile;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that a device's figures depend on besides the graph: processor, threads, libraries, settings. Devices with equal fingerprints take
 * equally long.
 *
 * @param text a line for each
 */
public record DeviceFingerprint(String text) {
  /**
   * @param cpuinfo lines of {@code /proc/cpuinfo}; none where there is no such thing
   * @param settings of the software, by name
   */
  public static DeviceFingerprint of(List<String> cpuinfo, Map<String, String> settings) {
    Map<String, String> all = new TreeMap<>(settings);
    all.put("profile", Integer.toString(ProfileCodec.VERSION));
    all.put("architecture", System.getProperty("os.arch"));
    for (String key : List.of("model name", "CPU implementer", "CPU part", "CPU revision", "cache size")) value(cpuinfo, key, all);
    for (String key : List.of("flags", "Features"))
      if (value(cpuinfo, key, all)) all.put(key, String.join(" ", new TreeSet<>(List.of(all.get(key).split("\\s+")))));
    all.put("processors", Long.toString(cpuinfo.stream().filter(line -> line.startsWith("processor")).count()));
    StringBuilder text = new StringBuilder();
    all.forEach((key, value) -> text.append(key).append(": ").append(value).append('\n'));
    return new DeviceFingerprint(text.toString());
  }

  /** What the first processor says of it. */
  private static boolean value(List<String> cpuinfo, String key, Map<String, String> into) {
    for (String line : cpuinfo) {
      int colon = line.indexOf(':');
      if (colon < 0 || !line.substring(0, colon).strip().equals(key)) continue;
      into.put(key, line.substring(colon + 1).strip());
      return true;
    }
    return false;
  }

  /** SHA-256 of the text, in hex. */
  public String hash() {
    return sha256(text);
  }

  static String sha256(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
