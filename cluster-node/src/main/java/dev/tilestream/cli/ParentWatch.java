package dev.tilestream.cli;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Ends this process when its standard input ends. A parent that holds the other end of the pipe cannot die without that, not even by
 * {@code kill -9}; so no child outlives it.
 */
final class ParentWatch {
  private static final Duration ORDERLY = Duration.ofSeconds(10);

  private ParentWatch() {}

  static void start(InputStream input) {
    daemon("parent-watch", () -> {
      drain(input);
      // An orderly stop that hangs must not leave an orphan either.
      daemon("halt", () -> {
        pause(ORDERLY);
        Runtime.getRuntime().halt(1);
      });
      System.exit(0);
    });
  }

  private static void drain(InputStream input) {
    try {
      byte[] ignored = new byte[256];
      while (input.read(ignored) >= 0) continue;
    } catch (IOException e) {
      System.err.println("tilestream: standard input: " + e.getMessage() + "; taken for the parent's end");
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
