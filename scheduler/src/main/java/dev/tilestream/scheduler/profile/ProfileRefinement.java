package dev.tilestream.scheduler.profile;

import dev.tilestream.graph.Band;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Corrects a device's profile of one graph by what its tiles really take: a factor for the whole device, which throttling, heat and other
 * programs move, and one for each group of neighbouring stages, where measuring alone and running for real differ.
 *
 * <p>Each inference gives the logarithm of measured over predicted seconds. A median over the last few of them shows a step, one over many
 * a small lasting error. Either counts only when it is far outside of what the scatter of the values explains, so noise changes nothing and
 * single outliers don't count. What was corrected is corrected back the same way; since plans avoid a slow device, which then has nothing
 * to observe, a slowness that nobody confirms is also forgotten with {@link #rest}. Not thread-safe.
 */
public final class ProfileRefinement {
  /** How many groups of stages, of equal time. */
  private static final int GROUPS = 12;
  /** A step shows in so many inferences, once three quarters of them are behind it. */
  private static final int QUICK = 9;
  private static final double QUICK_FLOOR = Math.log(1.2);
  private static final int SURE = 31;
  private static final double SURE_FLOOR = Math.log(1.06);
  private static final double GROUP_FLOOR = Math.log(1.1);
  /** Standard errors of a median. */
  private static final double CERTAINTY = 6;
  /** Inferences that take less here are too short to be timed. */
  private static final double SHORTEST_SECONDS = 50e-6;
  /** Part of an inference's time here from which on a group is looked at by itself. */
  private static final double GROUP_PART = 0.02;
  private static final double MOST = Math.log(100);
  private static final double FORGET = 0.5;

  private final DeviceProfile base;
  private final int[] groupOf;
  private final double[] groupFactor;
  private final RobustWindow[] groups;
  private final RobustWindow inferences = new RobustWindow(SURE);
  private double factor;

  /**
   * What a tile was predicted to take by the profile as measured.
   *
   * @param byGroup seconds of its stages, by group
   */
  public record Prediction(double[] byGroup) {
    public Prediction {
      byGroup = byGroup.clone();
    }

    /** A copy. */
    @Override
    public double[] byGroup() {
      return byGroup.clone();
    }
  }

  /**
   * A tile that ran.
   *
   * @param seconds in its kernel
   */
  public record Observation(Prediction predicted, double seconds) {}

  /** @param base as measured */
  public ProfileRefinement(DeviceProfile base) {
    this.base = base;
    groupOf = groups(base);
    int count = groupOf.length == 0 ? 0 : groupOf[groupOf.length - 1] + 1;
    groupFactor = new double[count];
    groups = new RobustWindow[count];
    for (int g = 0; g < count; g++) groups[g] = new RobustWindow(SURE);
  }

  private static int[] groups(DeviceProfile base) {
    double sum = base.stages().stream().mapToDouble(StageTime::whole).sum();
    int[] groupOf = new int[base.stages().size()];
    double before = 0;
    int last = -1;
    int group = -1;
    for (int s = 0; s < groupOf.length; s++) {
      int slot = sum > 0 ? (int) Math.min(GROUPS - 1, before / sum * GROUPS) : 0;
      if (slot != last) group++;
      last = slot;
      groupOf[s] = group;
      before += base.stages().get(s).whole();
    }
    return groupOf;
  }

  /** The profile that is being corrected. */
  public DeviceProfile base() {
    return base;
  }

  /** How slow the device is against what was measured: 2 is twice as slow. */
  public double factor() {
    return Math.exp(factor);
  }

  /** What the kernel of a tile should take. Depends on {@link #base} alone, so it may be kept. */
  public Prediction predict(Band band, List<Integer> stages) {
    double[] byGroup = new double[groups.length];
    int ran = 0;
    for (int s : stages) {
      double share = StageShare.of(band.graph().stage(s), band);
      if (share == 0) continue;
      byGroup[groupOf[s]] += base.stages().get(s).at(share);
      ran++;
    }
    double sum = Arrays.stream(byGroup).sum();
    // Calling a kernel that is not in the caches is part of what the lane times, other than an actor's hop.
    double call = Math.max(0, base.tileSeconds() - DeviceProfile.DEFAULT_TILE_SECONDS);
    double whole = base.fusion(ran) + (sum > 0 ? call / sum : 0);
    for (int g = 0; g < byGroup.length; g++) byGroup[g] *= whole;
    return new Prediction(byGroup);
  }

  /**
   * Takes in what this device's tiles of one inference took.
   *
   * @return the corrected profile, when that tells something new
   */
  public Optional<DeviceProfile> observe(Collection<Observation> tiles) {
    double[] expected = new double[groups.length];
    double[] took = new double[groups.length];
    double allExpected = 0;
    double allTook = 0;
    for (Observation tile : tiles) {
      double[] corrected = tile.predicted.byGroup();
      double sum = 0;
      for (int g = 0; g < corrected.length; g++) sum += corrected[g] *= Math.exp(groupFactor[g]);
      if (!(sum > 0) || !(tile.seconds > 0)) continue;
      for (int g = 0; g < corrected.length; g++) {
        expected[g] += corrected[g];
        took[g] += tile.seconds * corrected[g] / sum;
      }
      allExpected += sum;
      allTook += tile.seconds;
    }
    if (allExpected < SHORTEST_SECONDS) return Optional.empty();
    double common = Math.log(allTook / allExpected);
    inferences.add(common - factor);
    for (int g = 0; g < groups.length; g++)
      if (expected[g] > GROUP_PART * allExpected) groups[g].add(Math.log(took[g] / expected[g]) - common);
    return correct() ? Optional.of(current()) : Optional.empty();
  }

  private boolean correct() {
    double shift = inferences.shift(SURE, SURE_FLOOR, CERTAINTY);
    if (shift == 0) shift = inferences.shift(QUICK, QUICK_FLOOR, CERTAINTY);
    if (shift != 0) {
      factor = clamp(factor + shift);
      inferences.clear();
    }
    return correctGroups() | shift != 0;
  }

  /** All at once, since they are relative to each other. */
  private boolean correctGroups() {
    boolean any = false;
    for (RobustWindow group : groups) any |= group.shift(SURE, GROUP_FLOOR, CERTAINTY) != 0;
    if (!any) return false;
    for (int g = 0; g < groups.length; g++) {
      if (groups[g].size() < SURE) continue;
      groupFactor[g] = clamp(groupFactor[g] + groups[g].median());
      groups[g].clear();
    }
    inferences.clear();
    return true;
  }

  private static double clamp(double log) {
    return Math.max(-MOST, Math.min(MOST, log));
  }

  /**
   * Nothing ran here for a while: half of the slowness is forgotten, so that plans try the device again.
   *
   * @return the corrected profile, when there was any
   */
  public Optional<DeviceProfile> rest() {
    if (factor <= 0) return Optional.empty();
    inferences.clear();
    factor = factor * FORGET < SURE_FLOOR ? 0 : factor * FORGET;
    return Optional.of(current());
  }

  /** The profile with all that was learnt so far. */
  public DeviceProfile current() {
    List<StageTime> times = new ArrayList<>();
    for (int s = 0; s < groupOf.length; s++) times.add(base.stages().get(s).times(Math.exp(factor + groupFactor[groupOf[s]])));
    return base.with(times);
  }
}
