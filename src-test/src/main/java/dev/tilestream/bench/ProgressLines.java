package dev.tilestream.bench;

import java.io.PrintWriter;

/** How far a bench is, for who watches: a line for each step, at once. */
record ProgressLines(PrintWriter to) {
  void say(String format, Object... arguments) {
    to.printf(format + "%n", arguments);
    to.flush();
  }
}
