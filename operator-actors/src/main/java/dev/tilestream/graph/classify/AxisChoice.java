package dev.tilestream.graph.classify;

import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Rules;
import dev.tilestream.graph.rules.Site;
import dev.tilestream.graph.rules.Verdict;
import dev.tilestream.tensor.Shape;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Gives every tensor at most one split axis. Walks forward; where work meets tensors without an axis (inputs of the model, what global
 * operators made), tries each axis of theirs on the rest of the graph and keeps the one along which most work becomes local.
 */
final class AxisChoice {
  /** Below this, cutting what a global operator made costs more in messages than it saves: it stays one piece. */
  private static final double WORTH_CUTTING = 1 << 16;

  private static final int NONE = -1;

  private final Draft draft;
  private final List<Site> sites;
  private final long[] flops;
  private final BitSet excluded;
  private final int[] axes;
  private final BitSet tried = new BitSet();
  private final Verdict[] verdicts;

  /** @param excluded nodes that are global whatever the axes */
  AxisChoice(Draft draft, List<Site> sites, long[] flops, BitSet excluded) {
    this.draft = draft;
    this.sites = sites;
    this.flops = flops;
    this.excluded = excluded;
    this.axes = new int[draft.tensors().size()];
    Arrays.fill(axes, NONE);
    this.verdicts = new Verdict[sites.size()];
    for (int n = 0; n < verdicts.length; n++) verdicts[n] = decide(n);
  }

  /** By node. */
  Verdict verdict(int node) {
    return verdicts[node];
  }

  /** By tensor; -1 for constants and for what no local operator touches. */
  int axis(int tensor) {
    return axes[tensor];
  }

  private Verdict decide(int node) {
    if (excluded.get(node)) return Verdict.global("%s: shapes depend on the data", sites.get(node).type());
    Verdict verdict = judge(node, axes);
    if (verdict instanceof Verdict.Global) verdict = cutAnew(node, verdict);
    if (verdict instanceof Verdict.Local local) adopt(node, local, axes);
    return verdict;
  }

  /** Gives an axis to inputs that have none yet and were not tried before. */
  private Verdict cutAnew(int node, Verdict asItIs) {
    Verdict verdict = asItIs;
    for (int t : draft.nodes().get(node).inputs()) {
      if (verdict instanceof Verdict.Local) break;
      if (!free(t, axes)) continue;
      int axis = tried.get(t) ? NONE : best(t, node);
      tried.set(t);
      if (axis == NONE) {
        if (verdict == asItIs) verdict = reason(t, node, verdict);
        continue;
      }
      axes[t] = axis;
      verdict = judge(node, axes);
    }
    return verdict;
  }

  /** Why no axis of {@code tensor} was taken. */
  private Verdict reason(int tensor, int node, Verdict otherwise) {
    Shape shape = draft.tensor(tensor).shape();
    Verdict reason = otherwise;
    for (int a = shape.rank() - 1; a >= 0; a--) {
      if (shape.dim(a) < 2) continue;
      int[] trial = axes.clone();
      trial[tensor] = a;
      Verdict verdict = judge(node, trial);
      if (verdict instanceof Verdict.Local) return Verdict.global("%s: too little work to be worth cutting", sites.get(node).type());
      reason = verdict;
    }
    return reason;
  }

  private boolean free(int tensor, int[] at) {
    return tensor >= 0 && at[tensor] == NONE && !draft.tensor(tensor).constant() && draft.tensor(tensor).shape() != null;
  }

  private int best(int tensor, int node) {
    Shape shape = draft.tensor(tensor).shape();
    double best = draft.tensor(tensor).kind() == Tensor.Kind.INPUT ? 0 : WORTH_CUTTING;
    int axis = NONE;
    for (int a = 0; a < shape.rank(); a++) {
      if (shape.dim(a) < 2) continue;
      double score = lookAhead(tensor, a, node);
      if (score > best) {
        best = score;
        axis = a;
      }
    }
    return axis;
  }

  /** Work that becomes local from {@code node} on when {@code tensor} is split along {@code axis}. */
  private double lookAhead(int tensor, int axis, int node) {
    int[] trial = axes.clone();
    BitSet lit = new BitSet();
    lit.set(tensor);
    trial[tensor] = axis;
    double score = 0;
    for (int n = node; n < sites.size(); n++) {
      if (excluded.get(n) || draft.nodes().get(n).inputs().stream().noneMatch(t -> t >= 0 && lit.get(t))) continue;
      if (!(judge(n, trial) instanceof Verdict.Local local) || !cuts(n, local, lit)) continue;
      adopt(n, local, trial);
      for (int o : draft.nodes().get(n).outputs()) if (o >= 0) lit.set(o);
      score += preference(sites.get(n).out().rank(), local.outputAxes()[0]) * Math.max(1, flops[n]);
    }
    return score;
  }

  /** Whether one of {@code tensors} is really cut, rather than held whole beside another input that is. */
  private boolean cuts(int node, Verdict.Local local, BitSet tensors) {
    List<Integer> inputs = draft.nodes().get(node).inputs();
    for (int i = 0; i < inputs.size(); i++)
      if (inputs.get(i) >= 0 && tensors.get(inputs.get(i)) && local.inputAxes()[i] != NONE) return true;
    return false;
  }

  /** Height before width, tokens before features, and the batch only where nothing else will do. */
  private static double preference(int rank, int axis) {
    if (rank <= 2) return 1 - 0.01 * axis;
    if (axis == 0) return 0.5;
    if (rank == 3) return axis == 1 ? 1 : 0.97;
    return axis == 1 ? 0.8 : 1 - 0.03 * (axis - 2);
  }

  private void adopt(int node, Verdict.Local local, int[] at) {
    Draft.Node n = draft.nodes().get(node);
    for (int i = 0; i < n.inputs().size(); i++) {
      int t = n.inputs().get(i);
      if (local.inputAxes()[i] != NONE && !draft.tensor(t).constant()) at[t] = local.inputAxes()[i];
    }
    for (int i = 0; i < n.outputs().size(); i++) if (n.outputs().get(i) >= 0) at[n.outputs().get(i)] = local.outputAxes()[i];
  }

  /** Tries what has no axis yet as it is (held whole), then cut in line with the operands that have one. */
  private Verdict judge(int node, int[] at) {
    List<Integer> inputs = draft.nodes().get(node).inputs();
    int[] own = new int[inputs.size()];
    TreeSet<Integer> decided = new TreeSet<>();
    boolean undecided = false;
    for (int i = 0; i < own.length; i++) {
      int t = inputs.get(i);
      own[i] = t < 0 || draft.tensor(t).constant() ? NONE : at[t];
      if (own[i] != NONE) decided.add(own[i] - draft.tensor(t).shape().rank());
      undecided |= free(t, at);
    }
    if (decided.isEmpty()) return Verdict.global("%s: nothing to split", sites.get(node).type());
    Verdict asItIs = Rules.judge(sites.get(node), own);
    if (asItIs instanceof Verdict.Local || !undecided) return asItIs;
    for (int fromBack : decided) {
      int[] aligned = own.clone();
      for (int i = 0; i < own.length; i++) {
        int t = inputs.get(i);
        if (!free(t, at)) continue;
        int axis = fromBack + draft.tensor(t).shape().rank();
        if (axis >= 0 && draft.tensor(t).shape().dim(axis) > 1) aligned[i] = axis;
      }
      Verdict verdict = Rules.judge(sites.get(node), aligned);
      if (verdict instanceof Verdict.Local) return verdict;
    }
    return asItIs;
  }
}
