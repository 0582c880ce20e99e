package dev.tilestream.graph.logged;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Times of a graph's operators while it is made of a log: nothing that was logged gets lost. */
final class LoggedTimes {
  /** Passes over their elements that compute next to nothing: what a conversion of the input would have taken is judged by them. */
  private static final Set<String> ELEMENTWISE = Set.of("relu", "silu", "gelu", "add", "add_", "mul");

  private record Sample(double elements, double robot, double server) {}

  private final List<double[]> times = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private double earlyRobot;
  private double earlyServer;
  private boolean converts;

  /** The next operator is one that was not logged: a conversion of the input. */
  void unknown() {
    converts = true;
    times.add(new double[2]);
  }

  /** The next operator. What came before without an operator to count with counts with it. */
  void add(LoggedOperator o, long elements) {
    times.add(new double[] {o.robotMillis() + earlyRobot, o.serverMillis() + earlyServer});
    earlyRobot = earlyServer = 0;
    if (ELEMENTWISE.contains(o.op()) && elements > 0) samples.add(new Sample(elements, o.robotMillis(), o.serverMillis()));
  }

  /** No operator of the graph: its time counts with {@code maker}, or with the next operator where there is none (-1). */
  void fold(LoggedOperator o, int maker) {
    if (maker < 0) {
      earlyRobot += o.robotMillis();
      earlyServer += o.serverMillis();
    } else {
      times.get(maker)[0] += o.robotMillis();
      times.get(maker)[1] += o.serverMillis();
    }
  }

  /** Milliseconds by operator; {@code converted} elements of input are converted by the first where that was {@link #unknown}. */
  double[] robot(double converted) {
    return column(0, converted * perElement(samples.stream().mapToDouble(Sample::robot).sum()));
  }

  double[] server(double converted) {
    return column(1, converted * perElement(samples.stream().mapToDouble(Sample::server).sum()));
  }

  private double perElement(double millis) {
    return samples.isEmpty() ? 0 : millis / samples.stream().mapToDouble(Sample::elements).sum();
  }

  private double[] column(int which, double converting) {
    double[] column = times.stream().mapToDouble(t -> t[which]).toArray();
    if (converts) column[0] += converting;
    return column;
  }
}
