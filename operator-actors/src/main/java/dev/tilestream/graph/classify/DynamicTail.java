package dev.tilestream.graph.classify;

import dev.tilestream.graph.Tensor;
import java.util.BitSet;

/**
 * Operators that make something whose shape or size is not known beforehand, and all behind them. They form one stage, so that nothing of
 * unknown shape passes between stages.
 */
final class DynamicTail {
  private DynamicTail() {}

  static BitSet of(Draft draft) {
    BitSet nodes = new BitSet();
    BitSet reached = new BitSet();
    for (int n = 0; n < draft.nodes().size(); n++) {
      Draft.Node node = draft.nodes().get(n);
      boolean tail = false;
      for (int t : node.inputs()) tail |= t >= 0 && reached.get(t);
      for (int t : node.captured()) tail |= reached.get(t);
      for (int t : node.outputs()) tail |= t >= 0 && unknown(draft.tensor(t));
      if (!tail) continue;
      nodes.set(n);
      for (int t : node.outputs()) if (t >= 0) reached.set(t);
    }
    return nodes;
  }

  private static boolean unknown(Tensor t) {
    return t.shape() == null || t.type() == null;
  }
}
