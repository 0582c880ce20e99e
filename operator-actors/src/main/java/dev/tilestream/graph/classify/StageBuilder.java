package dev.tilestream.graph.classify;

import dev.tilestream.graph.Operator;
import dev.tilestream.graph.Stage;
import dev.tilestream.graph.Tensor;
import dev.tilestream.graph.rules.Rules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Groups operators into stages. An operator may only join the last of the stages it reads from, so stages read only from stages before
 * them: no cycle can arise.
 */
public final class StageBuilder {
  /** Elements below which an operator that only follows or moves rows is not worth a stage of its own. */
  private static final long TINY = 1 << 16;

  private static final class Group {
    final List<Integer> operators = new ArrayList<>();
    final boolean local;
    boolean light = true;

    Group(boolean local) {
      this.local = local;
    }
  }

  private final List<Tensor> tensors;
  private final List<Operator> operators;
  private final Set<Integer> results;
  private final BitSet tail;
  private final int[] producer;
  private final List<List<Integer>> consumers = new ArrayList<>();
  private final int[] groupOf;
  private final List<Group> groups = new ArrayList<>();

  private StageBuilder(List<Tensor> tensors, List<Operator> operators, List<Integer> results, BitSet tail) {
    this.tensors = tensors;
    this.operators = operators;
    this.results = new HashSet<>(results);
    this.tail = tail;
    this.producer = new int[tensors.size()];
    this.groupOf = new int[operators.size()];
    Arrays.fill(producer, -1);
    for (int t = 0; t < tensors.size(); t++) consumers.add(new ArrayList<>());
    for (Operator o : operators) {
      for (int t : o.outputs()) if (t >= 0) producer[t] = o.id();
      for (int t : reads(o)) consumers.get(t).add(o.id());
    }
  }

  /** @param tail operators that form one stage, the last */
  public static List<Stage> stages(List<Tensor> tensors, List<Operator> operators, List<Integer> results, BitSet tail) {
    StageBuilder builder = new StageBuilder(tensors, operators, results, tail);
    for (Operator o : operators) if (!tail.get(o.id())) builder.place(o);
    if (!tail.isEmpty()) {
      Group last = builder.open(false);
      for (Operator o : operators) if (tail.get(o.id())) builder.join(o, last);
    }
    List<Stage> stages = new ArrayList<>();
    for (Group g : builder.groups) stages.add(builder.stage(stages.size(), g));
    return stages;
  }

  private static Set<Integer> reads(Operator o) {
    Set<Integer> all = new LinkedHashSet<>();
    for (int t : o.inputs()) if (t >= 0) all.add(t);
    all.addAll(o.captured());
    return all;
  }

  private void place(Operator o) {
    int last = -1;
    for (int t : reads(o)) if (producer[t] >= 0) last = Math.max(last, groupOf[producer[t]]);
    join(o, last >= 0 && joins(o, last) ? groups.get(last) : open(o.local()));
  }

  private Group open(boolean local) {
    groups.add(new Group(local));
    return groups.get(groups.size() - 1);
  }

  private void join(Operator o, Group group) {
    group.operators.add(o.id());
    group.light &= light(o);
    groupOf[o.id()] = groups.indexOf(group);
  }

  private static boolean light(Operator o) {
    return Rules.follower(o.type()) || Rules.mover(o.type());
  }

  private boolean joins(Operator o, int last) {
    Group group = groups.get(last);
    if (group.local != o.local()) return false;
    if (!o.local()) return true;
    if (group.light && (feedsOnly(group, o) || light(o) && o.flops() < TINY)) return true;
    if (!Rules.follower(o.type())) return false;
    for (int t : reads(o)) if (producer[t] >= 0 && groupOf[producer[t]] == last && !staysInside(t)) return false;
    return true;
  }

  /** Whether all that leaves the group goes to {@code o}. */
  private boolean feedsOnly(Group group, Operator o) {
    for (int id : group.operators)
      for (int t : operators.get(id).outputs()) {
        if (t < 0) continue;
        if (results.contains(t)) return false;
        for (int c : consumers.get(t)) if (c != o.id() && !group.operators.contains(c)) return false;
      }
    return true;
  }

  /** Read by one operator, or by several whose chains of followers meet again at one of them (x * sigmoid(x)). */
  private boolean staysInside(int tensor) {
    if (results.contains(tensor)) return false;
    List<Integer> readers = consumers.get(tensor);
    if (readers.size() == 1) return true;
    int meeting = readers.get(readers.size() - 1);
    for (int r : readers) {
      int at = r;
      while (at != meeting) {
        Operator o = operators.get(at);
        if (!o.local() || !Rules.follower(o.type()) || o.outputs().size() != 1 || results.contains(o.outputs().get(0))) return false;
        List<Integer> next = consumers.get(o.outputs().get(0));
        if (next.size() != 1 || at > meeting) return false;
        at = next.get(0);
      }
    }
    Operator end = operators.get(meeting);
    return end.local() && Rules.follower(end.type());
  }

  private Stage stage(int id, Group group) {
    Set<Integer> members = new HashSet<>(group.operators);
    Set<Integer> in = new LinkedHashSet<>();
    Set<Integer> out = new LinkedHashSet<>();
    long flops = 0;
    for (int o : group.operators) {
      flops += operators.get(o).flops();
      for (int t : reads(operators.get(o)))
        if (!tensors.get(t).constant() && (producer[t] < 0 || !members.contains(producer[t]))) in.add(t);
      for (int t : operators.get(o).outputs())
        if (t >= 0 && (results.contains(t) || consumers.get(t).stream().anyMatch(c -> !members.contains(c)))) out.add(t);
    }
    return new Stage(id, group.operators, List.copyOf(in), List.copyOf(out), group.local, flops);
  }
}
