package dev.tilestream.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Tensor;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.InferenceId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two devices whose TCP connections are cut while rows are under way, and what was in them is gone. */
class CutConnectionTest {
  private static final DeploymentId ID = new DeploymentId(1, 1);
  private static final int ROUNDS = 3;
  private static final int ROWS = 200;
  private static final int ROW_BYTES = 32 << 10;
  private static final Duration STALL = Duration.ofSeconds(60);

  private Device robot;
  private Device edge;
  private CuttingProxy proxy;

  /** What robot sends to edge goes through it. */
  private static final class CuttingProxy implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final int to;
    private final AtomicLong swallowed = new AtomicLong();
    private volatile boolean swallows;

    CuttingProxy(int to) throws IOException {
      this.to = to;
      thread(() -> {
        while (true) serve(server.accept());
      });
    }

    private interface Work {
      void run() throws IOException;
    }

    private static void thread(Work work) {
      Thread thread = new Thread(() -> {
        try {
          work.run();
        } catch (IOException closed) {
          // As meant.
        }
      });
      thread.setDaemon(true);
      thread.start();
    }

    private void serve(Socket near) throws IOException {
      Socket far = new Socket(InetAddress.getByName("127.0.0.1"), to);
      sockets.add(near);
      sockets.add(far);
      thread(() -> pass(near, far));
      thread(() -> pass(far, near));
    }

    private void pass(Socket from, Socket to) throws IOException {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[4096];
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes))
        if (swallows) swallowed.addAndGet(n);
        else out.write(bytes, 0, n);
    }

    /** To be called when it swallows. */
    void cut() throws Exception {
      for (int i = 0; i < 100 && swallowed.get() < ROW_BYTES; i++) Thread.sleep(10);
      swallowed.set(0);
      for (Socket socket : sockets) socket.close();
      sockets.clear();
      swallows = false;
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : sockets) socket.close();
    }
  }

  @AfterEach
  void everyNativeByteIsFreeAtTheEnd() throws IOException {
    for (Device device : List.of(robot, edge))
      await().atMost(Device.PATIENCE).untilAsserted(() -> assertThat(device.host.pool().inUse()).as(device.name).isZero());
    robot.close();
    edge.close();
    proxy.close();
  }

  @Test
  void whatWasInAConnectionIsToldAndTheLinkGoesOn() throws Exception {
    LinkSettings link = new LinkSettings(
        ROW_BYTES, 1 << 20, 256 << 10, 128, 64 << 20, STALL, Duration.ofMillis(100), Duration.ofSeconds(1), 0, false, Emulation.NONE);
    robot = Device.remote("robot", Device.settings().withLink(link));
    int port = freePort();
    proxy = new CuttingProxy(port);
    edge = Device.remote(
        "edge", Device.settings().withLink(link), "akka.remote.artery.canonical.port = " + proxy.server.getLocalPort(),
        "akka.remote.artery.bind { hostname = \"127.0.0.1\", port = " + port + " }");
    robot.connect(edge);
    OperatorGraph graph = BoxGraph.chain(1, 1, 8, 4);
    robot.graphs.put(graph.hash(), graph);
    robot.deploy(ID, BoxGraph.whole(graph, 1, "robot", "edge"), robot);
    Set<InferenceId> come = ConcurrentHashMap.newKeySet();
    Set<InferenceId> told = ConcurrentHashMap.newKeySet();
    for (int n = 0; n < ROUNDS * ROWS; n++) {
      send(n, come);
      if (n % ROWS == ROWS / 2) proxy.swallows = true;
      if (n % ROWS == ROWS / 2 + 10) proxy.cut();
      Thread.sleep(1);
      int all = n + 1;
      if (n == 0 || all % ROWS == 0) await().atMost(STALL.dividedBy(2)).until(() -> accounted(come, told) == all);
    }
    assertThat(told).isNotEmpty().doesNotContainAnyElementsOf(come);
    told.forEach(lost -> edge.host.joins().close(lost, new IllegalStateException("lost")));
    robot.undeploy(ID, robot);
  }

  private int accounted(Set<InferenceId> come, Set<InferenceId> told) {
    for (SourceEvent event = robot.events.poll(); event != null; event = robot.events.poll())
      told.add(((SourceEvent.TileFailed) event).inference());
    return come.size() + told.size();
  }

  private void send(int number, Set<InferenceId> come) {
    InferenceId id = new InferenceId(1, number);
    TensorSlice row = TensorSlice.allocate(robot.host.pool(), 0, DataType.UINT8, Shape.of(ROW_BYTES), -1, RowSpan.first(1));
    Tensor tensor = new Tensor(0, "t", Tensor.Kind.VALUE, row.type(), row.shape(), row.axis());
    edge.host.joins().open(id, List.of(tensor), STALL).thenAccept(slices -> {
      slices.forEach(TensorSlice::release);
      come.add(id);
    });
    robot.host.courier().send("edge", new Parcel(ID, id, Parcel.SINK, 0, row));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }
}
