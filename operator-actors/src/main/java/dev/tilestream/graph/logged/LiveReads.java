package dev.tilestream.graph.logged;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * What each logged operator really reads. A framework overwrites values in place: whoever reads such a value later reads what was
 * written last, and of two names for the same memory only one counts.
 */
final class LiveReads {
  /** They overwrite what they read where a later operator was handed both. */
  private static final Set<String> ACTIVATIONS = Set.of("relu", "dropout");

  private final List<LoggedOperator> operators;
  private final List<List<Integer>> reads = new ArrayList<>();
  private final int[] storage;
  private final int[] latest;
  private final BitSet live = new BitSet();

  private LiveReads(List<LoggedOperator> operators) {
    this.operators = operators;
    storage = new int[operators.size()];
    latest = new int[operators.size()];
  }

  static LiveReads of(LoggedModel model) {
    LiveReads r = new LiveReads(model.operators());
    for (LoggedOperator o : r.operators) r.trace(o);
    r.markLive();
    return r;
  }

  private void trace(LoggedOperator o) {
    storage[o.id()] = latest[o.id()] = o.id();
    List<Integer> own = new ArrayList<>();
    for (int i : o.reads()) {
      int value = latest[storage[i]];
      if (!own.contains(value)) own.add(value);
    }
    own.removeIf(a -> own.stream().anyMatch(b -> overwrites(b, a)));
    reads.add(own);
    if (!o.inPlace() || o.inputs().isEmpty()) return;
    int target = storage[o.sets() ? o.inputs().get(0) : o.reads().get(0)];
    storage[o.id()] = target;
    latest[target] = o.id();
  }

  private boolean overwrites(int activation, int value) {
    LoggedOperator o = operators.get(activation);
    return activation != value && ACTIVATIONS.contains(o.op()) && reads.get(activation).equals(List.of(value))
        && o.shapes().equals(operators.get(value).shapes());
  }

  private void markLive() {
    live.set(operators.size() - 1);
    for (int i = operators.size() - 1; i >= 0; i--) if (live.get(i)) for (int r : reads.get(i)) live.set(r);
  }

  /** Ids of operators whose results {@code o} reads, each once. */
  List<Integer> of(LoggedOperator o) {
    return reads.get(o.id());
  }

  /** Whether the output depends on it. */
  boolean live(LoggedOperator o) {
    return live.get(o.id());
  }

  /** The operator whose memory {@code o} writes: itself unless it works in place. */
  int storage(LoggedOperator o) {
    return storage[o.id()];
  }
}
