package dev.tilestream.cli;

import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a long command is: a bar where somebody watches, a line for each kind of step where the output is kept, nothing with JSON. For any
 * threads.
 */
abstract class Progress implements AutoCloseable {
  private static final int REFRESH_MILLIS = 200;
  private static final int BAR_WIDTH = 100;

  /** @param steps how often {@link #done} will be called */
  static Progress to(PrintWriter err, boolean quiet, long steps) {
    if (quiet) return new Quiet(err);
    return System.console() == null ? new Lines(err) : new Bar(steps);
  }

  /** What is being done from now on. */
  abstract void step(String what);

  /** One step less to go. */
  abstract void done();

  /** Something to know about that is not progress. */
  abstract void note(String event);

  @Override
  public void close() {}

  private static class Quiet extends Progress {
    final PrintWriter err;

    Quiet(PrintWriter err) {
      this.err = err;
    }

    @Override
    void step(String what) {}

    @Override
    void done() {}

    @Override
    void note(String event) {
      err.println("tilestream: " + event);
      err.flush();
    }
  }

  private static final class Lines extends Quiet {
    private String last = "";

    Lines(PrintWriter err) {
      super(err);
    }

    @Override
    synchronized void step(String what) {
      if (what.equals(last)) return;
      last = what;
      err.println(what + " ...");
      err.flush();
    }
  }

  private static final class Bar extends Progress {
    private final ProgressBar bar;

    Bar(long steps) {
      bar = new ProgressBarBuilder()
          .setTaskName("tilestream")
          .setInitialMax(steps)
          .setUpdateIntervalMillis(REFRESH_MILLIS)
          .setStyle(ProgressBarStyle.ASCII)
          .setConsumer(new ConsoleProgressBarConsumer(System.err, BAR_WIDTH))
          .startsFrom(0, Duration.ZERO)
          .build();
    }

    @Override
    void step(String what) {
      bar.setExtraMessage(what);
    }

    @Override
    void done() {
      bar.step();
    }

    @Override
    void note(String event) {
      bar.setExtraMessage(event);
    }

    @Override
    public void close() {
      bar.close();
    }
  }
}
