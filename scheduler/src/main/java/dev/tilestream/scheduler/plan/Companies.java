package dev.tilestream.scheduler.plan;

import dev.tilestream.plan.Plan;
import dev.tilestream.scheduler.profile.Fleet;
import dev.tilestream.scheduler.profile.LinkEstimate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which devices a search looks at together. Every device makes a search wider, and with what it may cost it finds less: two hundred
 * robots hide the one server that helps. So the source goes with each helper that no other outdoes, and with the most promising two, three
 * and four. What is found with few is found with more, and a helper more never makes the plan worse.
 */
final class Companies {
  /** Helpers that one inference is shared with at most. */
  private static final int MOST = 4;
  /** Helpers of a first, quick plan. */
  private static final int QUICK = 3;

  private Companies() {}

  /** Devices by number, the source first, in the fleet's order; smaller companies before larger ones. */
  static List<List<Integer>> of(Search search) {
    List<Integer> helpers = ranked(search);
    if (search.options().effort() == 1) return List.of(with(helpers.subList(0, Math.min(QUICK, helpers.size()))));
    List<Integer> best = helpers.subList(0, Math.min(MOST, helpers.size()));
    List<List<Integer>> companies = new ArrayList<>();
    for (int i = 0; i < best.size(); i++) {
      int helper = best.get(i);
      if (best.subList(0, i).stream().noneMatch(other -> outdone(search.fleet(), helper, other))) companies.add(with(List.of(helper)));
    }
    for (int size = 2; size <= best.size(); size++) companies.add(with(best.subList(0, size)));
    return companies;
  }

  /** The source, and the helpers that would be best alone, {@code most} of them. */
  static List<Integer> promising(Search search, int most) {
    List<Integer> helpers = ranked(search);
    return with(helpers.subList(0, Math.min(most, helpers.size())));
  }

  /** Those first that would be best alone; of equal ones the first. */
  private static List<Integer> ranked(Search search) {
    return IntStream.range(1, search.fleet().size()).boxed()
        .sorted(Comparator.comparingDouble((Integer d) -> search.judge(search.whole(d)).score())).toList();
  }

  private static List<Integer> with(List<Integer> helpers) {
    List<Integer> company = new ArrayList<>(helpers);
    company.add(Plan.SOURCE);
    company.sort(null);
    return company;
  }

  /** Whether {@code other} is as quick in everything, and as near. */
  private static boolean outdone(Fleet fleet, int helper, int other) {
    for (int s = 0; s < fleet.device(helper).stages().size(); s++)
      if (fleet.device(other).stages().get(s).whole() > fleet.device(helper).stages().get(s).whole()) return false;
    return fleet.waitSeconds(other) <= fleet.waitSeconds(helper)
        && asNear(fleet.link(Plan.SOURCE, other), fleet.link(Plan.SOURCE, helper))
        && asNear(fleet.link(other, Plan.SOURCE), fleet.link(helper, Plan.SOURCE));
  }

  private static boolean asNear(LinkEstimate link, LinkEstimate than) {
    return link.bytesPerSecond() >= than.bytesPerSecond() && link.delaySeconds() <= than.delaySeconds();
  }

  /** A layout of the devices {@code from} as one of {@code to}, which has them all. */
  static Layout widened(Layout layout, List<Integer> from, List<Integer> to) {
    List<Segment> segments = new ArrayList<>();
    for (Segment s : layout.segments())
      segments.add(new Segment(s.from(), s.to(), to.stream().map(d -> from.contains(d) ? s.part(from.indexOf(d)) : Part.NONE).toList()));
    return new Layout(segments, layout.order());
  }
}
