package dev.tilestream.bench.link;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/** A TCP connection that is given all it takes: what a line carries without us, and what that does to others. */
final class PlainStream {
  private static final int BYTES = 16 << 10;

  private final long warmUpNanos;
  private volatile double bytesPerSecond;
  private Thread reader;

  /** @param warmUpNanos from the first byte on, that do not count */
  PlainStream(long warmUpNanos) {
    this.warmUpNanos = warmUpNanos;
  }

  /** Takes one connection at the port returned, and reads it to its end. */
  int accept() throws IOException {
    ServerSocket server = new ServerSocket(0);
    reader = new Thread(() -> read(server), "plain");
    reader.setDaemon(true);
    reader.start();
    return server.getLocalPort();
  }

  private void read(ServerSocket server) {
    try (server; Socket socket = server.accept()) {
      byte[] bytes = new byte[BYTES];
      long counted = 0;
      long begin = System.nanoTime() + warmUpNanos;
      for (int n = socket.getInputStream().read(bytes); n >= 0; n = socket.getInputStream().read(bytes)) {
        long now = System.nanoTime();
        if (now - begin <= 0) continue;
        counted += n;
        bytesPerSecond = counted * 1e9 / (now - begin);
      }
    } catch (IOException e) {
      System.err.println("plain stream: " + e);
    }
  }

  /** Of the connection that has ended. */
  double bytesPerSecond() throws InterruptedException {
    reader.join();
    return bytesPerSecond;
  }

  static void send(Socket socket, double seconds) throws IOException {
    byte[] bytes = new byte[BYTES];
    for (long start = System.nanoTime(); System.nanoTime() - start < seconds * 1e9; ) socket.getOutputStream().write(bytes);
  }
}
