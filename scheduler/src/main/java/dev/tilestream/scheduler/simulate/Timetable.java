package dev.tilestream.scheduler.simulate;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.graph.Tensor;
import dev.tilestream.plan.Plan;
import dev.tilestream.plan.Precision;
import dev.tilestream.plan.Routes;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.tensor.DataType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * When the source should see another device get on with an inference: bytes that it has taken, and rows that have come back.
 *
 * @param calls by device, in the order of {@link Plan#devices}, each device's by time; none for the source
 * @param latencySeconds when all should be over
 */
public record Timetable(List<List<Call>> calls, double latencySeconds) {
  /** Longer transfers are looked at so often on their way. */
  private static final double STRIDE_SECONDS = 0.05;

  /**
   * Something that should be so at {@code seconds} after the start.
   *
   * @param delivered bytes of rows, before links pack them, that the device has by then from the source
   * @param back rows that have come back from it, where that is what is waited for
   */
  public record Call(double seconds, long delivered, Optional<Rows> back) {}

  public Timetable {
    calls = calls.stream().map(List::copyOf).toList();
  }

  /** @param fleet the plan's devices, in its order, with the links of now */
  public static Timetable of(OperatorGraph graph, Plan plan, Routes routes, Fleet fleet) {
    Workload work = Workload.of(graph, plan, fleet, routes);
    Simulation run = new Simulator().run(work, fleet);
    List<List<Call>> calls = new ArrayList<>();
    for (int d = 0; d < plan.devices().size(); d++) calls.add(d == Plan.SOURCE ? List.of() : calls(graph, work, run, d));
    return new Timetable(calls, run.latencySeconds());
  }

  private static List<Call> calls(OperatorGraph graph, Workload work, Simulation run, int device) {
    List<Call> back = new ArrayList<>();
    List<double[]> portions = new ArrayList<>();
    for (int m = 0; m < work.messages(); m++) {
      if (work.sender(m) == device && work.receiver(m) == Plan.SOURCE)
        back.add(new Call(run.messageEnd[m], 0, Optional.of(work.message(m).rows())));
      if (work.sender(m) == Plan.SOURCE && work.receiver(m) == device) portion(graph, work, run, m, portions);
    }
    portions.sort(Comparator.comparingDouble(p -> p[0]));
    List<Call> all = new ArrayList<>(back);
    long delivered = 0;
    for (double[] p : portions) {
      delivered += (long) p[1];
      all.add(new Call(p[0], delivered, Optional.empty()));
    }
    all.sort(Comparator.comparingDouble(Call::seconds));
    return all;
  }

  /** Ends of the parts of a message and their bytes; what is overtaken on the way comes later than that, and so its last part does. */
  private static void portion(OperatorGraph graph, Workload work, Simulation run, int m, List<double[]> portions) {
    Rows rows = work.message(m).rows();
    long bytes = bytes(graph.tensor(rows.tensor()), rows, work.plan.precision());
    double took = run.messageEnd[m] - run.messageStart[m];
    int parts = (int) Math.max(1, Math.min(took / STRIDE_SECONDS, rows.span().rows()));
    for (int i = 1; i <= parts; i++)
      portions.add(new double[] {run.messageStart[m] + took * i / parts, bytes * i / parts - bytes * (i - 1) / parts});
  }

  private static long bytes(Tensor tensor, Rows rows, Precision precision) {
    // Nobody knows how large those are that depend on the data.
    if (tensor.dynamic()) return 0;
    long bytes = Workload.bytes(tensor, rows.span().rows());
    return precision == Precision.FP16 && tensor.type() == DataType.FLOAT32 ? bytes / 2 : bytes;
  }
}
