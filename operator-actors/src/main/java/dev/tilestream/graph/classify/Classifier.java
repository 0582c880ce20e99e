package dev.tilestream.graph.classify;

import dev.tilestream.graph.Locality;
import dev.tilestream.graph.Operator;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.RowMap;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.Weights;
import dev.tilestream.graph.rules.Site;
import dev.tilestream.graph.rules.Verdict;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import onnx.Onnx;

/** Draft in, classified graph out. */
public final class Classifier {
  private final Draft draft;
  private final List<Tensor> tensors;
  private final List<Onnx.TensorProto> initializers;
  private final AxisChoice choice;
  private final Map<List<Integer>, Integer> constantAlong = new HashMap<>();
  private final boolean[] cut;

  private Classifier(Draft draft, AxisChoice choice) {
    this.draft = draft;
    this.choice = choice;
    this.tensors = new ArrayList<>(draft.tensors());
    this.initializers = new ArrayList<>(draft.initializers());
    this.cut = new boolean[tensors.size()];
    for (Tensor t : draft.tensors()) if (!t.constant()) tensors.set(t.id(), along(t, choice.axis(t.id())));
  }

  /** @param weights of the graph's initializers, by tensor id: they may be more than the draft's, when one is cut along several axes */
  public static OperatorGraph classify(String hash, Draft draft, Function<List<Onnx.TensorProto>, Weights> weights) {
    List<Site> sites = draft.sites();
    BitSet tail = DynamicTail.of(draft);
    long[] flops = sites.stream().mapToLong(Flops::of).toArray();
    Classifier c = new Classifier(draft, new AxisChoice(draft, sites, flops, tail));
    List<Operator> operators = new ArrayList<>();
    for (int n = 0; n < sites.size(); n++) operators.add(c.operator(n, flops[n]));
    List<dev.tilestream.graph.Stage> stages = StageBuilder.stages(c.tensors, operators, draft.outputs(), tail);
    return new OperatorGraph(
        hash, draft.model(), c.tensors, c.initializers, operators, stages, draft.inputs(), draft.outputs(), weights.apply(c.initializers));
  }

  private static Tensor along(Tensor t, int axis) {
    int own = axis >= 0 || t.shape() == null || t.type() == null || t.shape().elements() == 0 ? axis : outermost(t);
    return new Tensor(t.id(), t.name(), t.kind(), t.type(), t.shape(), own);
  }

  private static int outermost(Tensor t) {
    for (int a = 0; a < t.shape().rank(); a++) if (t.shape().dim(a) > 1) return a;
    return -1;
  }

  private Operator operator(int id, long flops) {
    Draft.Node node = draft.nodes().get(id);
    if (!(choice.verdict(id) instanceof Verdict.Local local)) {
      Verdict.Global global = (Verdict.Global) choice.verdict(id);
      return new Operator(id, node.proto(), node.inputs(), node.outputs(), node.captured(), new Locality.Global(global.why()), flops);
    }
    List<Integer> inputs = new ArrayList<>(node.inputs());
    Onnx.NodeProto.Builder proto = node.proto().toBuilder();
    List<RowMap> maps = local.maps();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) < 0 || !draft.tensor(inputs.get(i)).constant() || local.inputAxes()[i] < 0) continue;
      inputs.set(i, constant(inputs.get(i), local.inputAxes()[i]));
      proto.setInput(i, tensors.get(inputs.get(i)).name());
    }
    return new Operator(id, proto.build(), inputs, node.outputs(), node.captured(), new Locality.Local(maps), flops);
  }

  /** The constant as a tensor split along {@code axis}: itself for its first use, a second name for the same bytes for other axes. */
  private int constant(int id, int axis) {
    Integer known = constantAlong.get(List.of(id, axis));
    if (known != null) return known;
    Tensor t = draft.tensor(id);
    int as = cut[id] ? tensors.size() : id;
    String name = cut[id] ? t.name() + "/axis" + axis : t.name();
    Tensor split = new Tensor(as, name, t.kind(), t.type(), t.shape(), axis);
    if (cut[id]) {
      tensors.add(split);
      initializers.add(initializers.get(id).toBuilder().setName(name).build());
    } else {
      tensors.set(id, split);
    }
    cut[id] = true;
    constantAlong.put(List.of(id, axis), as);
    return as;
  }
}
