package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.StageShare;
import dev.tilestream.tensor.Parcel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A plan as flat arrays: tiles with their durations, and the messages between them. Made once from the plan's {@link Routes}, then
 * simulated as often as wanted. Messages of tile {@code t} are {@code [firstMessage[t], firstMessage[t + 1])}; those of the source's
 * input stand at index {@code tiles}.
 */
public final class Workload {
  /** What a tensor whose size is known only at run time is taken for. */
  static final long UNKNOWN_BYTES = 64 * 1024;

  /** What packing a byte and unpacking it take, about. */
  private static final double PACKING_SECONDS = 7e-9;
  private static final int[] NOBODY = {};

  final OperatorGraph graph;
  final Plan plan;
  final int tiles;
  final int devices;
  final int[] device;
  final double[] seconds;
  /** Messages that a tile waits for. */
  final int[] waits;
  final int[] urgency;
  final int[] firstMessage;
  /** Tiles that wait for a message; none for an answer. */
  final int[][] messageTo;
  private final int[] messageDevice;
  final long[] messageBytes;
  /** Bytes of one row of a message, on the air as its bytes are: chunks are whole rows. */
  final long[] rowBytes;
  /** How many bytes as they are become one on the air, where a message is packed; 1 where it is not. */
  private final double[] packs;
  final int[] messageFrom;
  final int[] messageUrgency;
  final int answers;
  private final List<Shipment> messages;
  /** Made when asked for. */
  private Order tileOrder;
  private Order messageOrder;

  /** Position of each tile or message in the order of urgency, and which is at each position. */
  record Order(int[] rank, int[] at) {}

  private Workload(OperatorGraph graph, Plan plan, Routes routes, double[] seconds, Fleet fleet) {
    this.graph = graph;
    this.plan = plan;
    devices = fleet.size();
    this.seconds = seconds;
    tiles = plan.tiles().size();
    device = new int[tiles];
    urgency = new int[tiles];
    for (Tile t : plan.tiles()) {
      device[t.id()] = t.device();
      urgency[t.id()] = t.urgency();
    }
    messages = new ArrayList<>();
    firstMessage = new int[tiles + 2];
    for (int t = 0; t <= tiles; t++) {
      firstMessage[t] = messages.size();
      messages.addAll(t < tiles ? Shipment.fromTile(plan, routes, t) : Shipment.fromSource(plan, routes));
    }
    firstMessage[tiles + 1] = messages.size();
    int n = messages.size();
    messageTo = new int[n][];
    messageDevice = new int[n];
    messageUrgency = new int[n];
    messageBytes = new long[n];
    rowBytes = new long[n];
    packs = new double[n];
    messageFrom = new int[n];
    waits = new int[tiles];
    int toSource = 0;
    for (int t = 0; t <= tiles; t++)
      for (int m = firstMessage[t]; m < firstMessage[t + 1]; m++) {
        messageFrom[m] = t;
        fill(m, messages.get(m), fleet);
        for (int tile : messageTo[m]) waits[tile]++;
        if (messageTo[m].length == 0) toSource++;
      }
    answers = toSource;
  }

  private void fill(int m, Shipment shipment, Fleet fleet) {
    Tensor tensor = graph.tensor(shipment.rows().tensor());
    messageTo[m] = waiting(shipment);
    messageDevice[m] = shipment.device();
    messageUrgency[m] = shipment.urgency();
    int rows = shipment.rows().span().rows();
    double share = fleet.airShare(tensor.id());
    long plain = bytes(tensor, 1);
    long row = share == 1 ? plain : (long) Math.ceil(plain * share);
    messageBytes[m] = row * rows;
    rowBytes[m] = Math.max(1, row);
    packs[m] = row == plain ? 1 : (double) plain / row;
  }

  /**
   * What a byte on the air of message {@code m} costs where one takes {@code secondsPerByte}: with the packing, unless it is quicker to
   * send the rows as they are.
   */
  double secondsPerByte(int m, double secondsPerByte) {
    if (packs[m] == 1) return secondsPerByte;
    return Math.min(secondsPerByte + PACKING_SECONDS * packs[m], secondsPerByte * packs[m]);
  }

  /** The same for a rate that changes: seconds that {@code bytes} on the air take from {@code at} on. */
  double airSeconds(int m, long bytes, LinkSchedule schedule, double at) {
    double air = schedule.endSeconds(at, bytes) - at;
    if (packs[m] == 1) return air;
    double rate = schedule.bytesPerSecond(at);
    if (rate == 0) return air;
    double perByte = 1 / rate;
    return air + bytes * (secondsPerByte(m, perByte) - perByte);
  }

  /**
   * @param fleet devices in the order of {@link Plan#devices}
   * @throws IllegalArgumentException as {@link Routes#of}
   */
  public static Workload of(OperatorGraph graph, Plan plan, Fleet fleet) {
    return of(graph, plan, fleet, Routes.of(graph, plan));
  }

  /** The same for a caller that knows the plan's routes. */
  public static Workload of(OperatorGraph graph, Plan plan, Fleet fleet, Routes routes) {
    return of(graph, plan, fleet, routes, t -> StageShare.of(t.stages(), routes.bands().get(t.id())));
  }

  /** The same for a caller that knows the {@link StageShare} of each tile's stages, too. */
  public static Workload of(OperatorGraph graph, Plan plan, Fleet fleet, Routes routes, Function<Tile, double[]> sharesOf) {
    if (!plan.devices().equals(fleet.names()))
      throw new IllegalArgumentException("plan: devices %s (expected: the fleet's, %s)".formatted(plan.devices(), fleet.names()));
    double[] seconds = new double[plan.tiles().size()];
    for (Tile t : plan.tiles()) seconds[t.id()] = fleet.device(t.device()).tileSeconds(t.stages(), sharesOf.apply(t));
    return new Workload(graph, plan, routes, seconds, fleet);
  }

  /** Bytes of {@code rows} rows; a guess for a tensor whose shape depends on the data. */
  public static long bytes(Tensor tensor, int rows) {
    return tensor.dynamic() || tensor.type() == null ? UNKNOWN_BYTES : tensor.bytes(rows);
  }

  /** Of all rows, as they probably travel. */
  public static long airBytes(Tensor tensor, Fleet fleet) {
    return (long) Math.ceil(bytes(tensor, tensor.rows()) * fleet.airShare(tensor.id()));
  }

  public int tiles() {
    return tiles;
  }

  public int messages() {
    return messages.size();
  }

  /** The rows that message {@code m} carries. */
  Shipment message(int m) {
    return messages.get(m);
  }

  /** Device that message {@code m} leaves. */
  int sender(int m) {
    return messageFrom[m] == tiles ? Plan.SOURCE : device[messageFrom[m]];
  }

  /** Device that message {@code m} is for. */
  int receiver(int m) {
    return messageDevice[m];
  }

  /** Sorts by urgency, those of one urgency as they are; the lower half is the index. */
  static long key(int urgency, int index) {
    return (long) urgency << 32 | index;
  }

  Order tileOrder() {
    if (tileOrder == null) tileOrder = order(urgency);
    return tileOrder;
  }

  Order messageOrder() {
    if (messageOrder == null) messageOrder = order(messageUrgency);
    return messageOrder;
  }

  private static Order order(int[] urgency) {
    long[] keys = new long[urgency.length];
    for (int i = 0; i < keys.length; i++) keys[i] = key(urgency[i], i);
    Arrays.sort(keys);
    Order order = new Order(new int[keys.length], new int[keys.length]);
    for (int i = 0; i < keys.length; i++) {
      order.at[i] = (int) keys[i];
      order.rank[order.at[i]] = i;
    }
    return order;
  }

  private static int[] waiting(Shipment shipment) {
    List<Integer> tiles = shipment.tiles();
    if (tiles.get(0) == Parcel.SINK) return NOBODY;
    int[] waiting = new int[tiles.size()];
    for (int i = 0; i < waiting.length; i++) waiting[i] = tiles.get(i);
    return waiting;
  }
}
