package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.simulate.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Neighbours of a layout, in groups: each group offers values of one thing that can be varied. They are made when a group is looked at, since
 * most never are. Shared segments hold local stages only, and segments meet only where the graph may be cut.
 */
final class Moves {
  private static final double[] SHARES = {0.16, 0.06, 0.02, 0.007};
  private static final int[] CUTS = {8, 4, 2, 1};
  private static final double[] OWN = {0, 0.04, 0.1, 0.2, 1};
  private static final int SIZES = 4;
  private static final double GIVEN = 0.3;
  private static final double LEAST = 0.004;

  private final Search search;
  private final Cuts cuts;
  private final int devices;
  private final StreamingMoves streamings;

  Moves(Search search) {
    this.search = search;
    cuts = search.cuts();
    devices = search.fleet().size();
    streamings = new StreamingMoves(search.options().maxChunks());
  }

  /** How fine the steps get: {@link #groups} takes 0 (coarse) up to below this. */
  static int steps() {
    return SHARES.length;
  }

  /** Some may turn out to be empty. */
  List<Supplier<List<Layout>>> groups(Layout layout, int step) {
    List<Supplier<List<Layout>>> groups = new ArrayList<>();
    int n = layout.segments().size();
    for (int i = 0; i < n; i++) boundaries(layout, i, SHARES[step], groups);
    if (n > 1) groups.add(() -> together(layout, SHARES[step]));
    for (int i = 0; i < n; i++) streamings.groups(layout, i, groups);
    streamings.alike(layout, groups);
    each(n - 1, i -> meetings(layout, i, CUTS[step]), groups);
    each(n, i -> takers(layout, i), groups);
    each(n, i -> halos(layout, i), groups);
    each(n, i -> divided(layout, i, step), groups);
    each(n - 1, i -> joined(layout, i), groups);
    groups.add(() -> List.of(layout.ordered(
        layout.order() == Layout.Order.SEGMENTS ? Layout.Order.CHUNKS : Layout.Order.SEGMENTS)));
    return groups;
  }

  private static void each(int count, IntFunction<List<Layout>> group, List<Supplier<List<Layout>>> groups) {
    for (int i = 0; i < count; i++) {
      int at = i;
      groups.add(() -> group.apply(at));
    }
  }

  /** Each border between two shares of segment {@code i} moved either way. */
  private static void boundaries(Layout layout, int i, double step, List<Supplier<List<Layout>>> groups) {
    Segment s = layout.segments().get(i);
    each(s.sharers().size() - 1, k -> List.of(layout.with(i, moved(s, k, step)), layout.with(i, moved(s, k, -step))), groups);
  }

  /** The first border of all shared segments moved alike. */
  private static List<Layout> together(Layout layout, double step) {
    List<Layout> both = new ArrayList<>();
    for (double by : new double[] {step, -step}) {
      Layout all = layout;
      int changed = 0;
      for (int i = 0; i < layout.segments().size(); i++) {
        Segment s = layout.segments().get(i);
        if (s.sharers().size() < 2) continue;
        all = all.with(i, moved(s, 0, by));
        changed++;
      }
      if (changed > 1) both.add(all);
    }
    return both;
  }

  /** The border behind the k-th user's rows moved; a share that gets too small goes. */
  static Segment moved(Segment s, int k, double by) {
    List<Integer> users = s.sharers();
    int before = users.get(k);
    int behind = users.get(k + 1);
    double low = s.part(before).from();
    double high = s.part(behind).to();
    double edge = Math.min(high, Math.max(low, s.part(before).to() + by));
    if (edge - low < LEAST) edge = low;
    if (high - edge < LEAST) edge = high;
    List<Part> parts = new ArrayList<>(s.parts());
    parts.set(before, s.part(before).sharing(low, edge));
    parts.set(behind, s.part(behind).sharing(edge, high));
    return new Segment(s.from(), s.to(), parts);
  }

  /** The cut between segments {@code i} and {@code i + 1} elsewhere. */
  private List<Layout> meetings(Layout layout, int i, int step) {
    Segment a = layout.segments().get(i);
    Segment b = layout.segments().get(i + 1);
    TreeSet<Integer> places = new TreeSet<>();
    for (int by : new int[] {-step, step}) {
      int wanted = a.to() + by;
      if (wanted <= a.from() || wanted >= b.to()) continue;
      int cut = cuts.nearest(wanted, a.from() + 1, b.to() - 1);
      if (cut != a.to() && cuts.allowed(cut) && fits(a, a.from(), cut) && fits(b, cut, b.to())) places.add(cut);
    }
    return places.stream().map(c -> layout.replacing(i, 2, a.spanning(a.from(), c), b.spanning(c, b.to()))).toList();
  }

  private boolean fits(Segment s, int from, int to) {
    return s.used() < 2 || local(from, to);
  }

  private boolean local(int from, int to) {
    for (int s = from; s < to; s++) if (!search.graph().stage(s).local()) return false;
    return true;
  }

  /** Other devices for segment {@code i}: all of it, a share given to one that has none, shares mirrored. */
  private List<Layout> takers(Layout layout, int i) {
    Segment s = layout.segments().get(i);
    List<Layout> others = new ArrayList<>();
    for (int d = 0; d < devices; d++)
      if (!(s.used() == 1 && s.uses(d))) others.add(layout.with(i, taken(s, d)));
    if (!local(s.from(), s.to())) return others;
    List<Integer> users = s.sharers();
    for (int d = 0; d < devices; d++) {
      if (s.part(d).shares()) continue;
      for (int at = 0; at <= users.size(); at++) others.add(layout.with(i, given(s, d, at, users)));
    }
    if (users.size() > 1) others.add(layout.with(i, mirrored(s)));
    return others;
  }

  private Segment taken(Segment s, int d) {
    Streaming streaming = d == Plan.SOURCE ? Streaming.NONE : s.part(s.uses(d) ? d : s.sharers().get(0)).streaming();
    return Segment.on(d, devices, s.from(), s.to()).with(streaming);
  }

  /** Device {@code d} gets a share between the {@code at}-th user's and the one before, out of theirs. */
  private static Segment given(Segment s, int d, int at, List<Integer> users) {
    List<Part> parts = new ArrayList<>(s.parts());
    Part before = at > 0 ? s.part(users.get(at - 1)) : null;
    Part behind = at < users.size() ? s.part(users.get(at)) : null;
    double taken = before != null && behind != null ? GIVEN / 2 : GIVEN;
    double from = before == null ? 0 : before.to() - taken * (before.to() - before.from());
    double to = behind == null ? 1 : behind.from() + taken * (behind.to() - behind.from());
    if (before != null) parts.set(users.get(at - 1), before.sharing(before.from(), from));
    if (behind != null) parts.set(users.get(at), behind.sharing(to, behind.to()));
    parts.set(d, new Part(from, to, 0, 0, s.streaming()));
    return new Segment(s.from(), s.to(), parts);
  }

  private static Segment mirrored(Segment s) {
    List<Part> parts = new ArrayList<>(s.parts());
    for (int d : s.sharers()) {
      Part p = s.part(d);
      parts.set(d, p.sharing(1 - p.to(), 1 - p.from()).with(p.streaming().downwards(!p.streaming().down())));
    }
    return new Segment(s.from(), s.to(), parts);
  }

  /** Halos behind segment {@code i} recomputed where they were exchanged, and the other way round. */
  private List<Layout> halos(Layout layout, int i) {
    Segment s = layout.segments().get(i);
    List<Layout> others = new ArrayList<>();
    if (i + 1 == layout.segments().size() || !local(s.from(), s.to())) return others;
    for (int d = 0; d < devices; d++) {
      if (s.used() == 1 && s.uses(d)) continue;
      Part p = s.part(d);
      for (long least : sizes(s.from(), s.to()))
        for (double own : OWN)
          if (own != p.own() || least != p.least() && own > 0) others.add(layout.with(i, s.with(d, p.owning(own, own == 0 ? 0 : least))));
    }
    return others;
  }

  /** 0, and what the smaller tensors that stages {@code [from, to)} hand on stay below. */
  private List<Long> sizes(int from, int to) {
    TreeSet<Long> bytes = new TreeSet<>();
    for (int t : cuts.exports(from, to)) bytes.add(Workload.bytes(search.graph().tensor(t), search.graph().tensor(t).rows()));
    bytes.pollFirst();
    List<Long> sizes = new ArrayList<>(List.of(0L));
    for (long b : bytes) if (sizes.size() < SIZES) sizes.add(b);
    return sizes;
  }

  /** Segment {@code i} as two, the same parts in both, or one of them on one device. */
  private List<Layout> divided(Layout layout, int i, int step) {
    Segment s = layout.segments().get(i);
    List<Layout> others = new ArrayList<>();
    int pieces = 2 + step;
    for (int k = 1; k < pieces; k++) {
      int cut = cuts.nearest(s.from() + s.stages() * k / pieces, s.from() + 1, s.to() - 1);
      if (cut <= s.from() || cut >= s.to() || !cuts.allowed(cut)) continue;
      Segment head = s.spanning(s.from(), cut);
      Segment tail = s.spanning(cut, s.to());
      if (s.used() > 1) exchanging(head, h -> others.add(layout.replacing(i, 1, h, tail)));
      if (s.used() > 1) narrow(head, h -> others.add(layout.replacing(i, 1, h, tail)));
      if (s.used() > 1) relayed(tail, t -> others.add(layout.replacing(i, 1, head, t)));
      for (int d = 0; d < devices; d++) {
        if (s.used() == 1 && s.uses(d)) continue;
        others.add(layout.replacing(i, 1, taken(head, d), tail));
        others.add(layout.replacing(i, 1, head, taken(tail, d)));
      }
      if (s.used() == 1 && devices > 1) shared(layout, i, head, tail, others);
    }
    return others;
  }

  /** Halos behind {@code head} all exchanged, or recomputed as far as they are narrow, or wholly by all devices but one. */
  private static void exchanging(Segment head, Consumer<Segment> into) {
    for (double own : new double[] {0, OWN[2]}) {
      Segment alike = head;
      for (int d : head.users()) alike = alike.with(d, head.part(d).owning(own, 0));
      into.accept(alike);
      for (int one : head.users()) {
        Segment all = head;
        for (int d : head.users()) all = all.with(d, head.part(d).owning(d == one ? own : 1, 0));
        into.accept(all);
      }
    }
  }

  /** One device makes all of {@code head} for all, but of the bigger tensors the others make what they need themselves. */
  private void narrow(Segment head, Consumer<Segment> into) {
    for (long least : sizes(head.from(), head.to())) {
      if (least == 0) continue;
      for (int one : head.sharers()) {
        List<Part> parts = new ArrayList<>(head.parts());
        for (int d : head.sharers()) {
          Part p = head.part(d);
          parts.set(d, d == one ? p.sharing(0, 1) : new Part(0, 0, 1, least, p.streaming()));
        }
        into.accept(new Segment(head.from(), head.to(), parts));
      }
    }
  }

  /** A share of {@code tail} handed on to a device that has none: the way from there to the source may be the better one. */
  private void relayed(Segment tail, Consumer<Segment> into) {
    for (int d : tail.sharers())
      for (int other = 1; other < devices; other++) {
        if (d == Plan.SOURCE || tail.uses(other)) continue;
        List<Part> parts = new ArrayList<>(tail.parts());
        parts.set(other, tail.part(d));
        parts.set(d, Part.NONE);
        into.accept(new Segment(tail.from(), tail.to(), parts));
      }
  }

  /** One half of a segment that one device has, shared with another. */
  private void shared(Layout layout, int i, Segment head, Segment tail, List<Layout> others) {
    List<Integer> users = head.sharers();
    for (int d = 0; d < devices; d++) {
      if (head.part(d).shares()) continue;
      if (local(head.from(), head.to())) others.add(layout.replacing(i, 1, given(head, d, 0, users), tail));
      if (local(tail.from(), tail.to())) others.add(layout.replacing(i, 1, head, given(tail, d, 0, users)));
    }
  }

  /** Segments {@code i} and {@code i + 1} as one. */
  private List<Layout> joined(Layout layout, int i) {
    Segment a = layout.segments().get(i);
    Segment b = layout.segments().get(i + 1);
    List<Layout> others = new ArrayList<>();
    for (Segment s : List.of(a, b)) if (fits(s, a.from(), b.to())) others.add(layout.replacing(i, 2, s.spanning(a.from(), b.to())));
    return others;
  }
}
