package dev.tilestream.cli;

import picocli.CommandLine.Command;

/** The benchmarks live with the tests, out of the shipped program; the launcher knows where. */
@Command(name = "bench", description = "Measures this machine (from a source checkout).", mixinStandardHelpOptions = true)
final class BenchCommand implements Runnable {
  @Override
  public void run() {
    throw new CommandFailed("bench: not part of the shipped program (expected: ./tilestream bench in a source checkout)");
  }
}
