package dev.tilestream.graph.logged;

import dev.tilestream.graph.logged.LoggedOperator.Kind;
import dev.tilestream.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A log in which candidates are selected before they are joined, not behind. A detector joins what its scales found in one tensor, compares
 * one column of it with a threshold and keeps the few candidates above ({@code masked_select}, or indexing by a mask). Each candidate is
 * kept or not by itself, so the selection may as well be made of each scale's rows, on whatever device has them: the same candidates, and
 * those alone cross the air.
 *
 * <p>A selection keeps as many candidates of each row as the log says on average, each with its position (4 bytes), by which a last
 * operator puts them in the order they had. All it takes was logged: comparing and selecting count by elements, of the joining what is left
 * of the elements.
 */
final class Selections {
  private static final String SELECT = "masked_select";
  /** What may stand between joining and selecting: passes that leave candidates where they are. */
  private static final Set<String> PASSES = Set.of("__getitem__", "__setitem__", "div_", "mul_", "add_", "sub_", "cat");

  /** Candidates of {@code cat}, all passed over by {@code passes}, of which {@code mask} says which are kept. */
  private record Selection(LoggedOperator select, LoggedOperator cat, List<LoggedOperator> passes, List<LoggedOperator> mask) {
    boolean counts(LoggedOperator o) {
      return cat == o || passes.contains(o) || mask.contains(o);
    }
  }

  private final LoggedModel model;
  private final List<LoggedOperator> operators = new ArrayList<>();
  private final int[] moved;

  private Selections(LoggedModel model) {
    this.model = model;
    moved = new int[model.operators().size()];
  }

  /** The same model where nothing is selected of what scales were joined to. */
  static LoggedModel beforeJoining(LoggedModel model) {
    return new Selections(model).rewritten();
  }

  private LoggedModel rewritten() {
    List<Selection> all = model.operators().stream().map(this::selection).flatMap(Optional::stream).toList();
    if (all.isEmpty()) return model;
    Map<Selection, List<Integer>> parts = new HashMap<>();
    for (LoggedOperator o : model.operators()) {
      // All selections before anything that is global: what is local stays together.
      for (Selection s : all) if (s.cat == o) parts.put(s, parts(s, all));
      Optional<Selection> made = all.stream().filter(s -> s.select == o).findFirst();
      boolean counted = all.stream().anyMatch(s -> s.counts(o));
      moved[o.id()] = made.map(s -> joined(s, parts.get(s), all)).orElseGet(() -> copied(o, counted));
    }
    return new LoggedModel(model.name(), model.hash(), model.model(), model.source(), model.robotForwardMillis(),
        model.serverForwardMillis(), model.inputBytes(), model.outputBytes(), operators);
  }

  private int copied(LoggedOperator o, boolean counted) {
    List<Integer> inputs = o.inputs().stream().map(i -> moved[i]).toList();
    List<Integer> reads = o.reads().stream().map(i -> moved[i]).toList();
    return add(o.op(), inputs, reads, o.shapes(), o.kind(), o.rowAxis(), o, counted ? 0 : o.robotMillis(), counted ? 0 : o.serverMillis());
  }

  private int add(String op, List<Integer> inputs, List<Integer> reads, List<Shape> shapes, Kind kind, int axis, LoggedOperator like,
      double robot, double server) {
    operators.add(new LoggedOperator(
        operators.size(), op, inputs, reads, shapes, kind, axis, like.window(), like.dataDependent(), robot, server));
    return operators.size() - 1;
  }

  private Optional<Selection> selection(LoggedOperator select) {
    boolean selects = select.op().equals(SELECT) || select.op().equals("__getitem__");
    if (!selects || !select.dataDependent() || select.reads().size() != 2 || select.shapes().size() != 1) return Optional.empty();
    LoggedOperator all = viewed(select.reads().get(0));
    LoggedOperator cat = joining(all);
    boolean scales = cat.op().equals("cat") && cat.kind() == Kind.GLOBAL && elements(cat) > 0
        && cat.reads().stream().allMatch(r -> stored(r).rowAxis() >= 0 && width(stored(r)) == width(cat))
        && cat.reads().stream().mapToLong(r -> elements(stored(r))).sum() == elements(cat);
    List<LoggedOperator> mask = new ArrayList<>();
    LoggedOperator at = viewed(select.reads().get(1));
    for (; at != all && at.kind() == Kind.GLOBAL && at.reads().size() == 1; at = viewed(at.reads().get(0))) mask.add(0, at);
    boolean column = at == all && !mask.isEmpty() && mask.stream().allMatch(m -> elements(m) * width(cat) == elements(cat));
    List<LoggedOperator> passes = model.operators().subList(cat.id() + 1, Math.max(all.id(), cat.id()) + 1);
    return scales && column && passes.stream().allMatch(p -> PASSES.contains(p.op()))
        ? Optional.of(new Selection(select, cat, passes, mask)) : Optional.empty();
  }

  /** What joined the scales that are in {@code o}, whatever wrote over them since. */
  private LoggedOperator joining(LoggedOperator o) {
    if (o.sets()) return joining(viewed(o.inputs().get(0)));
    return o.op().equals("cat") && o.reads().size() == 1 ? joining(viewed(o.reads().get(0))) : o;
  }

  private LoggedOperator viewed(int id) {
    LoggedOperator o = model.operators().get(id);
    return o.kind() == Kind.SHAPE_ONLY && !o.reads().isEmpty() ? viewed(o.reads().get(0)) : o;
  }

  /** The local operator in whose memory {@code id} is. */
  private LoggedOperator stored(int id) {
    LoggedOperator o = viewed(id);
    return o.sets() ? stored(o.inputs().get(0)) : o;
  }

  private static long elements(LoggedOperator o) {
    return o.shapes().isEmpty() ? 0 : o.shapes().get(0).elements();
  }

  private static int width(LoggedOperator o) {
    if (o.shapes().isEmpty() || o.shapes().get(0).rank() == 0) return 0;
    return o.shapes().get(0).dim(o.shapes().get(0).rank() - 1);
  }

  /** Adds what selects {@code s} of each scale; their places. */
  private List<Integer> parts(Selection s, List<Selection> all) {
    double left = (1 - kept(s)) / readers(s, all);
    List<Integer> parts = new ArrayList<>();
    for (int r : s.cat.reads()) {
      LoggedOperator scale = stored(r);
      double share = elements(scale) / (double) elements(s.cat);
      int found = passed(s, moved[r], scale, share, all);
      int mask = found;
      for (LoggedOperator m : s.mask) {
        long sharers = all.stream().filter(x -> x.mask.contains(m)).count();
        mask = add(m.op(), List.of(mask), List.of(mask), List.of(column(scale)), Kind.LOCAL, scale.rowAxis(), scale,
            m.robotMillis() * share / sharers, m.serverMillis() * share / sharers);
      }
      List<Integer> reads = List.of(found, mask);
      parts.add(add(SELECT, reads, reads, List.of(selected(s, scale, share)), Kind.LOCAL, 0, scale,
          (s.select.robotMillis() + s.cat.robotMillis() * left) * share, (s.select.serverMillis() + s.cat.serverMillis() * left) * share));
    }
    return parts;
  }

  /** Adds what passes over all candidates of one scale before they are selected, as one operator; the place of the candidates. */
  private int passed(Selection s, int found, LoggedOperator scale, double share, List<Selection> all) {
    if (s.passes.isEmpty()) return found;
    double some = share / readers(s, all);
    return add("mul", List.of(found), List.of(found), scale.shapes(), Kind.LOCAL, scale.rowAxis(), scale,
        s.passes.stream().mapToDouble(LoggedOperator::robotMillis).sum() * some,
        s.passes.stream().mapToDouble(LoggedOperator::serverMillis).sum() * some);
  }

  /** Adds what joins them; its place. */
  private int joined(Selection s, List<Integer> parts, List<Selection> all) {
    double some = kept(s) / readers(s, all);
    return add("cat", parts, parts, s.select.shapes(), Kind.GLOBAL, -1, s.select, s.cat.robotMillis() * some, s.cat.serverMillis() * some);
  }

  private static double kept(Selection s) {
    return elements(s.select) / (double) elements(s.cat);
  }

  private static long readers(Selection s, List<Selection> all) {
    return all.stream().filter(x -> x.cat == s.cat).count();
  }

  private static Shape column(LoggedOperator scale) {
    int[] dims = scale.shapes().get(0).dims();
    dims[dims.length - 1] = 1;
    return Shape.of(dims);
  }

  /** By row of the scale, what is kept of it, positions included. */
  private static Shape selected(Selection s, LoggedOperator scale, double share) {
    int rows = scale.shapes().get(0).dim(scale.rowAxis());
    double candidates = elements(s.select) / (double) width(s.cat) * share / rows;
    return Shape.of(rows, (int) Math.max(1, Math.ceil(candidates * (width(s.cat) + 1))));
  }
}
