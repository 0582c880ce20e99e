package dev.tilestream.bench.link;

import java.io.IOException;
import java.util.List;

/** What two ends are connected by. */
interface Line extends AutoCloseable {
  /** What it is, for people. */
  String description();

  /** Puts a process at its near end (0) or its far end (1). */
  List<String> at(int end, List<String> command);

  /** Address of that end. */
  String host(int end);

  /** Settings of the end that sends, as HOCON. */
  String settings();

  /** What waits at the bottleneck now, as time of the line; NaN where nobody can look. */
  double queueSeconds() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
