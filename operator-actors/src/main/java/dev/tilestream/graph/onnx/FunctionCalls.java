package dev.tilestream.graph.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx;

/**
 * Counts the nodes that a model becomes once its own functions are written out, as ONNX Runtime does first of all: it goes round with one
 * that calls itself until its stack is full, and writes out thirty that call each other twice in a row as a thousand million nodes.
 */
final class FunctionCalls {
  private static final long MOST_NODES = 1_000_000;
  private static final int DEEPEST = 64;

  /** Several of one name differ in what the calling node does not say here; each counts. */
  private final Map<String, List<Onnx.FunctionProto>> functions = new HashMap<>();
  /** Of those that are done. */
  private final Map<String, Long> nodes = new HashMap<>();

  private FunctionCalls(Onnx.ModelProto model) {
    for (Onnx.FunctionProto f : model.getFunctionsList()) 
      functions.computeIfAbsent(key(f.getDomain(), f.getName()), key -> new ArrayList<>()).add(f);
  }

  /** @throws ModelRefused when they never end, or become too many */
  static void check(Onnx.ModelProto model) {
    if (model.getFunctionsCount() > 0) new FunctionCalls(model).count(model.getGraph().getNodeList(), 0);
  }

  private static String key(String domain, String name) {
    return (domain.equals("ai.onnx") ? "" : domain) + ":" + name;
  }

  private long count(List<Onnx.NodeProto> body, int depth) {
    long sum = 0;
    for (Onnx.NodeProto n : body) {
      sum += 1 + called(n, depth);
      for (Onnx.AttributeProto a : n.getAttributeList()) {
        if (a.hasG()) sum += count(a.getG().getNodeList(), depth);
        for (Onnx.GraphProto g : a.getGraphsList()) sum += count(g.getNodeList(), depth);
      }
      if (sum > MOST_NODES)
        throw new ModelRefused("functions: more than %d nodes once they are written out (expected: at most so many)".formatted(MOST_NODES));
    }
    return sum;
  }

  private long called(Onnx.NodeProto node, int depth) {
    String key = key(node.getDomain(), node.getOpType());
    List<Onnx.FunctionProto> called = functions.get(key);
    if (called == null) return 0;
    Long known = nodes.get(key);
    if (known != null) return known;
    if (depth == DEEPEST)
      throw new ModelRefused(
          "function %s: called more than %d deep (expected: less, and none that calls itself)".formatted(node.getOpType(), DEEPEST));
    long sum = 0;
    for (Onnx.FunctionProto f : called) sum += count(f.getNodeList(), depth + 1);
    nodes.put(key, sum);
    return sum;
  }
}
