package dev.tilestream.cli.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tilestream.cli.CommandFailed;
import dev.tilestream.cli.LinkRate;
import dev.tilestream.graph.logged.BoundedJson;
import dev.tilestream.graph.logged.ProfileRefused;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.scheduler.profile.Power;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.TypeConversionException;

/**
 * The devices that a plan may use, as people write them down.
 *
 * @param devices the source first, the others as they stand in the file
 * @param links those that differ from the rest
 */
public record DevicesFile(List<Device> devices, List<Link> links, Medium medium) {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 4;
  private static final int MAX_DEVICES = 200;
  private static final Set<String> TOP = Set.of("devices", "links", "medium");
  private static final Set<String> DEVICE = Set.of("name", "role", "source", "speed", "power", "profile");
  private static final Set<String> WATTS = Set.of("idle", "compute", "transmit", "receive");
  private static final Set<String> LINK = Set.of("from", "to", "rate", "delay");

  /**
   * @param speed relative to what its times are measured or logged on
   * @param profile a file of times measured on it, if there is one
   */
  public record Device(String name, boolean robot, boolean source, double speed, Optional<Power> power, Optional<Path> profile) {}

  /** One direction. */
  public record Link(String from, String to, LinkRate rate, Optional<Duration> delay) {}

  /** Reads durations as the command line does. */
  public interface Times {
    /** @throws TypeConversionException when it is none */
    Duration parse(String text);
  }

  public DevicesFile {
    devices = List.copyOf(devices);
    links = List.copyOf(links);
  }

  /** @throws CommandFailed that says what in the file is wrong and what was expected */
  public static DevicesFile read(Path file, Times times) {
    try {
      JsonNode top = BoundedJson.object(file, MAX_BYTES, MAX_DEPTH);
      known(file + "", top, TOP);
      List<Device> devices = new ArrayList<>();
      for (JsonNode d : array(file + "", top, "devices")) devices.add(device(file, devices.size(), d));
      List<Link> links = new ArrayList<>();
      if (top.has("links")) for (JsonNode l : array(file + "", top, "links")) links.add(link(file + ": links", l, devices, times));
      return new DevicesFile(sourceFirst(file, devices), links, medium(file, top.path("medium")));
    } catch (ProfileRefused e) {
      throw new CommandFailed(e.getMessage(), e);
    }
  }

  private static List<Device> sourceFirst(Path file, List<Device> devices) {
    List<Device> sources = devices.stream().filter(Device::source).toList();
    if (devices.isEmpty() || devices.size() > MAX_DEVICES || sources.size() != 1)
      throw new CommandFailed("%s: %d devices, %d of them \"source\" (expected: 1 to %d, one source)"
          .formatted(file, devices.size(), sources.size(), MAX_DEVICES));
    if (devices.stream().map(Device::name).distinct().count() != devices.size())
      throw new CommandFailed("%s: devices %s (expected: distinct names)".formatted(file, devices.stream().map(Device::name).toList()));
    List<Device> ordered = new ArrayList<>(sources);
    for (Device d : devices) if (!d.source()) ordered.add(d);
    return ordered;
  }

  private static Device device(Path file, int position, JsonNode d) {
    String where = "%s: device %d".formatted(file, position);
    known(where, d, DEVICE);
    String role = text(where, d, "role");
    if (!role.equals("robot") && !role.equals("edge")) throw wrong(where, "role", d.get("role"), "robot or edge");
    boolean source = d.path("source").asBoolean(false);
    if (d.has("source") && !d.get("source").isBoolean()) throw wrong(where, "source", d.get("source"), "true or false");
    double speed = d.has("speed") ? number(where, d, "speed") : 1;
    if (!(speed > 0 && speed < 1e6)) throw wrong(where, "speed", d.get("speed"), "above 0");
    Optional<Path> profile =
        d.has("profile") ? Optional.of(file.toAbsolutePath().getParent().resolve(text(where, d, "profile"))) : Optional.empty();
    return new Device(text(where, d, "name"), role.equals("robot"), source, speed, power(where, d), profile);
  }

  private static Optional<Power> power(String where, JsonNode d) {
    if (!d.has("power")) return Optional.empty();
    JsonNode p = d.get("power");
    known(where + ", power", p, WATTS);
    double idle = number(where + ", power", p, "idle");
    double transmit = p.has("transmit") ? number(where + ", power", p, "transmit") : idle;
    double receive = p.has("receive") ? number(where + ", power", p, "receive") : idle;
    try {
      return Optional.of(new Power(idle, number(where + ", power", p, "compute"), transmit, receive));
    } catch (IllegalArgumentException e) {
      throw new CommandFailed(where + ": " + e.getMessage(), e);
    }
  }

  private static Link link(String where, JsonNode l, List<Device> devices, Times times) {
    known(where, l, LINK);
    for (String end : new String[] {"from", "to"}) {
      String name = text(where, l, end);
      if (devices.stream().noneMatch(d -> d.name().equals(name))) throw wrong(where, end, l.get(end), "a device's name");
    }
    try {
      Optional<Duration> delay = l.has("delay") ? Optional.of(times.parse(text(where, l, "delay"))) : Optional.empty();
      return new Link(text(where, l, "from"), text(where, l, "to"), LinkRate.parse(text(where, l, "rate")), delay);
    } catch (TypeConversionException e) {
      throw new CommandFailed(where + ": " + e.getMessage(), e);
    }
  }

  private static Medium medium(Path file, JsonNode word) {
    if (word.isMissingNode()) return Medium.PER_SENDER;
    for (Medium m : Medium.values()) if (m.word().equals(word.asText())) return m;
    throw wrong(file + "", "medium", word, "shared, per-sender or per-link");
  }

  private static JsonNode array(String where, JsonNode object, String name) {
    JsonNode n = object.path(name);
    if (!n.isArray()) throw wrong(where, name, n, "an array");
    return n;
  }

  private static String text(String where, JsonNode object, String name) {
    JsonNode n = object.path(name);
    if (!n.isTextual() || n.asText().isBlank()) throw wrong(where, name, n, "a text");
    return n.asText();
  }

  private static double number(String where, JsonNode object, String name) {
    JsonNode n = object.path(name);
    if (!n.isNumber()) throw wrong(where, name, n, "a number");
    return n.asDouble();
  }

  /** A misspelt key would otherwise be a default that nobody notices. */
  private static void known(String where, JsonNode object, Set<String> names) {
    if (!object.isObject()) throw new CommandFailed("%s: %s (expected: an object)".formatted(where, object));
    for (Iterator<String> i = object.fieldNames(); i.hasNext();) {
      String name = i.next();
      if (!names.contains(name))
        throw new CommandFailed(
            "%s: \"%s\" (expected: only %s)".formatted(where, name, String.join(", ", names.stream().sorted().toList())));
    }
  }

  private static CommandFailed wrong(String where, String name, JsonNode came, String expected) {
    String text = came == null || came.isMissingNode() ? "nothing" : came.toString();
    return new CommandFailed("%s: \"%s\" is %s (expected: %s)".formatted(where, name, text, expected));
  }
}
