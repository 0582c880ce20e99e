package dev.tilestream.cli.camera;

import java.io.IOException;
import java.util.Optional;

/**
 * The newest frame of a camera that shows its own at its own pace: read as they come, so that none grows old in a pipe. Frames that nobody took
 * before the next came are skipped.
 */
final class NewestFrame implements FrameSource {
  private final FrameSource camera;
  private Optional<byte[]> newest = Optional.empty();
  private IOException failure;
  private boolean ended;

  NewestFrame(FrameSource camera) {
    this.camera = camera;
    Thread reader = new Thread(this::read, "camera");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try {
      for (Optional<byte[]> frame = camera.next(); frame.isPresent(); frame = camera.next()) came(frame);
      over(null);
    } catch (IOException e) {
      over(e);
    } catch (RuntimeException e) {
      over(new IOException(e));
    }
  }

  private synchronized void came(Optional<byte[]> frame) {
    newest = frame;
    notifyAll();
  }

  private synchronized void over(IOException why) {
    ended = true;
    failure = why;
    notifyAll();
  }

  /** Waits for one. */
  @Override
  public synchronized Optional<byte[]> next() throws IOException {
    try {
      while (newest.isEmpty() && !ended) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    Optional<byte[]> frame = newest;
    newest = Optional.empty();
    if (frame.isEmpty() && failure != null) throw failure;
    return frame;
  }

  @Override
  public void close() throws IOException {
    camera.close();
  }
}
