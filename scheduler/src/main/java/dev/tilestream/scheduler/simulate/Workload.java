package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Routes;
import dev.tilestream.plan.Shipment;
import dev.tilestream.plan.Tile;
import dev.tilestream.scheduler.profile.DeviceProfile;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.Parcel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * A plan as flat arrays: tiles with their durations, and the messages between them. Made once from the plan's {@link Routes}, then
 * simulated as often as wanted. Messages of tile {@code t} are {@code [firstMessage[t], firstMessage[t + 1])}; those of the source's
 * input stand at index {@code tiles}.
 */
public final class Workload {
  /** What a tensor whose size is known only at run time is taken for. */
  static final long UNKNOWN_BYTES = 64 * 1024;

  final OperatorGraph graph;
  final Plan plan;
  final int tiles;
  final int devices;
  final int[] device;
  final double[] seconds;
  /** Messages that a tile waits for. */
  final int[] waits;
  /** Position of a tile in the order of urgency, and the tile at each position. */
  final int[] rank;
  final int[] tileAtRank;
  final int[] firstMessage;
  /** Tiles that wait for a message; none for an answer. */
  final int[][] messageTo;
  private final int[] messageDevice;
  final long[] messageBytes;
  /** Bytes of one row of a message: chunks are whole rows. */
  final long[] rowBytes;
  final int[] messageFrom;
  final int[] messageRank;
  final int[] messageAtRank;
  final int answers;
  private final List<Shipment> messages;

  private Workload(OperatorGraph graph, Plan plan, Routes routes, double[] seconds, int devices) {
    this.graph = graph;
    this.plan = plan;
    this.devices = devices;
    this.seconds = seconds;
    tiles = plan.tiles().size();
    device = plan.tiles().stream().mapToInt(Tile::device).toArray();
    messages = new ArrayList<>();
    firstMessage = new int[tiles + 2];
    for (int t = 0; t <= tiles; t++) {
      firstMessage[t] = messages.size();
      messages.addAll(t < tiles ? Shipment.fromTile(plan, routes, t) : Shipment.fromSource(plan, routes));
    }
    firstMessage[tiles + 1] = messages.size();
    int n = messages.size();
    messageTo = messages.stream().map(Workload::waiting).toArray(int[][]::new);
    messageDevice = messages.stream().mapToInt(Shipment::device).toArray();
    messageBytes = messages.stream().mapToLong(d -> bytes(graph.tensor(d.rows().tensor()), d.rows().span().rows())).toArray();
    rowBytes = messages.stream().mapToLong(d -> Math.max(1, bytes(graph.tensor(d.rows().tensor()), 1))).toArray();
    messageFrom = new int[n];
    waits = new int[tiles];
    for (int t = 0; t <= tiles; t++)
      for (int m = firstMessage[t]; m < firstMessage[t + 1]; m++) {
        messageFrom[m] = t;
        for (int tile : messageTo[m]) waits[tile]++;
      }
    answers = (int) Arrays.stream(messageTo).filter(to -> to.length == 0).count();
    tileAtRank = order(tiles, t -> plan.tiles().get(t).urgency());
    rank = inverse(tileAtRank);
    messageAtRank = order(n, m -> messages.get(m).urgency());
    messageRank = inverse(messageAtRank);
  }

  /**
   * @param fleet devices in the order of {@link Plan#devices}
   * @throws IllegalArgumentException as {@link Routes#of}
   */
  public static Workload of(OperatorGraph graph, Plan plan, Fleet fleet) {
    return of(graph, plan, fleet, t -> t.band(graph));
  }

  /** The same for a caller that may know some tiles' bands already, as {@link Routes#of(OperatorGraph, Plan, Function)}. */
  public static Workload of(OperatorGraph graph, Plan plan, Fleet fleet, Function<Tile, Band> bandOf) {
    if (!plan.devices().equals(fleet.names()))
      throw new IllegalArgumentException("plan: devices %s (expected: the fleet's, %s)".formatted(plan.devices(), fleet.names()));
    Routes routes = Routes.of(graph, plan, bandOf);
    double[] seconds = new double[plan.tiles().size()];
    for (Tile t : plan.tiles()) {
      DeviceProfile profile = fleet.device(t.device());
      seconds[t.id()] = profile.tileSeconds(routes.bands().get(t.id()), t.stages());
    }
    return new Workload(graph, plan, routes, seconds, fleet.size());
  }

  /** Bytes of {@code rows} rows; a guess for a tensor whose shape depends on the data. */
  public static long bytes(Tensor tensor, int rows) {
    return tensor.dynamic() || tensor.type() == null ? UNKNOWN_BYTES : tensor.bytes(rows);
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

  private static int[] waiting(Shipment shipment) {
    return shipment.tiles().get(0) == Parcel.SINK ? new int[0] : shipment.tiles().stream().mapToInt(t -> t).toArray();
  }

  /** Indices by urgency, those of one urgency as they are. */
  private static int[] order(int n, IntUnaryOperator urgency) {
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) keys[i] = (long) urgency.applyAsInt(i) << 32 | i;
    Arrays.sort(keys);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) order[i] = (int) keys[i];
    return order;
  }

  private static int[] inverse(int[] order) {
    int[] rank = new int[order.length];
    for (int i = 0; i < order.length; i++) rank[order[i]] = i;
    return rank;
  }
}
