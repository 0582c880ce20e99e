package dev.tilestream.security;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk over memory. */
final class Handshake {
  private static final int BUFFER = 1 << 16;
  private static final int MOST_TURNS = 100;

  private final SSLEngine client;
  private final SSLEngine server;
  private final ByteBuffer toServer = ByteBuffer.allocate(BUFFER);
  private final ByteBuffer toClient = ByteBuffer.allocate(BUFFER);

  private Handshake(SSLEngine client, SSLEngine server) {
    this.client = client;
    this.server = server;
  }

  /**
   * Ends when both are content and one byte has gone from the client to the server.
   *
   * @throws SSLException with whoever is first to refuse the other
   */
  static void of(SSLEngine client, SSLEngine server) throws SSLException {
    new Handshake(client, server).run();
  }

  private void run() throws SSLException {
    ByteBuffer nothing = ByteBuffer.allocate(0);
    ByteBuffer word = ByteBuffer.wrap(new byte[] {1});
    ByteBuffer heard = ByteBuffer.allocate(BUFFER);
    for (int turn = 0; turn < MOST_TURNS && heard.position() == 0; turn++) {
      boolean shaken = client.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING && client.getSession().isValid() && turn > 0;
      wrap(client, shaken ? word : nothing, toServer);
      unwrap(server, toServer, heard);
      wrap(server, nothing, toClient);
      unwrap(client, toClient, ByteBuffer.allocate(BUFFER));
    }
    if (heard.position() == 0) throw new SSLException("they never came to an end");
  }

  private static void wrap(SSLEngine engine, ByteBuffer from, ByteBuffer to) throws SSLException {
    SSLEngineResult result;
    do {
      result = engine.wrap(from, to);
      work(engine);
    } while (result.bytesProduced() > 0 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
  }

  private static void unwrap(SSLEngine engine, ByteBuffer from, ByteBuffer to) throws SSLException {
    from.flip();
    SSLEngineResult result;
    do {
      result = engine.unwrap(from, to);
      work(engine);
    } while (result.bytesConsumed() > 0 && from.hasRemaining());
    from.compact();
  }

  private static void work(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) task.run();
  }
}
