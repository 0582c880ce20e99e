package dev.tilestream.security;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/**
 * Goes on to listen when it cannot write any more. Who refuses a certificate says so and hangs up, while the other side is still writing the
 * rest of its handshake; what was said would be lost with the broken pipe.
 */
final class ListeningSocket extends Socket {
  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      private boolean broken;

      @Override
      public void write(byte[] bytes, int from, int length) {
        if (broken) return;
        try {
          out.write(bytes, from, length);
        } catch (IOException e) {
          broken = true;
        }
      }

      @Override
      public void flush() {
        // A socket keeps nothing back.
      }
    };
  }
}
