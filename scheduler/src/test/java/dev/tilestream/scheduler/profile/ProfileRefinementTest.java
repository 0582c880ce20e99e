package dev.tilestream.scheduler.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tilestream.graph.Band;
import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.graph.Rows;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.scheduler.Graphs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class ProfileRefinementTest {
  private static final int STAGES = 24;
  private final OperatorGraph graph = Graphs.chain(STAGES, 40);
  private final DeviceProfile measured = new DeviceProfile(
      "edge-1", graph.hash(), graph.stages().stream().map(s -> StageTime.linear(1e-4, 1e-3)).toList(), 0.8, 0, Power.ROBOT);
  private final ProfileRefinement refinement = new ProfileRefinement(measured);
  private final List<ProfileRefinement.Prediction> tiles = List.of(tile(0, 8), tile(8, 16), tile(16, 24));
  private int corrections;

  private ProfileRefinement.Prediction tile(int from, int to) {
    List<Integer> stages = new ArrayList<>();
    for (int s = from; s < to; s++) stages.add(s);
    return refinement.predict(Band.of(graph, stages, List.of(new Rows(to, RowSpan.first(40)))), stages);
  }

  private static double seconds(ProfileRefinement.Prediction p) {
    return java.util.Arrays.stream(p.byGroup()).sum();
  }

  /** One inference; {@code slowness} by tile. */
  private Optional<DeviceProfile> run(IntToDoubleFunction slowness) {
    List<ProfileRefinement.Observation> ran = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++)
      ran.add(new ProfileRefinement.Observation(tiles.get(t), seconds(tiles.get(t)) * slowness.applyAsDouble(t)));
    Optional<DeviceProfile> corrected = refinement.observe(ran);
    if (corrected.isPresent()) corrections++;
    return corrected;
  }

  /** Inferences until the slowness is known to within 15 %; -1 when it is not after {@code most}. */
  private int noticed(double slowness, int most, Random noise) {
    for (int n = 1; n <= most; n++) {
      run(t -> slowness * (0.9 + 0.2 * noise.nextDouble()));
      if (Math.abs(Math.log(refinement.factor() / slowness)) < Math.log(1.15)) return n;
    }
    return -1;
  }

  private void quiet(int inferences, Random noise) {
    for (int n = 0; n < inferences; n++) run(t -> 0.9 + 0.2 * noise.nextDouble());
  }

  @Test
  void aTileIsPredictedAsPlanned() {
    List<Integer> stages = List.of(3, 4, 5);
    Band band = Band.of(graph, stages, List.of(new Rows(6, new RowSpan(5, 17))));
    assertThat(seconds(refinement.predict(band, stages))).isEqualTo(measured.tileSeconds(band, stages), within(1e-12));
  }

  @Test
  void noiseOfTenPerCentCausesNothing() {
    for (int seed = 0; seed < 40; seed++) {
      Random noise = new Random(seed);
      quiet(500, noise);
      for (int n = 0; n < 500; n++) {
        double inference = 1 + 0.1 * noise.nextGaussian();
        run(t -> Math.max(0.5, inference));
      }
    }
    assertThat(corrections).isZero();
    assertThat(refinement.current()).isEqualTo(measured);
  }

  @Test
  void aDeviceHalfAsFastIsNoticedWithinTwentyInferencesWhateverWasBefore() {
    for (int before : new int[] {0, 1, 5, 8, 9, 20, 31, 32, 200}) {
      ProfileRefinementTest fresh = new ProfileRefinementTest();
      Random noise = new Random(before);
      fresh.quiet(before, noise);
      assertThat(fresh.noticed(2, 20, noise)).as("after %d quiet inferences", before).isBetween(1, 20);
      assertThat(fresh.refinement.current().change(measured)).isBetween(0.8, 1.2);
    }
  }

  @Test
  void itRecoversWhenTheDeviceDoes() {
    Random noise = new Random(1);
    assertThat(noticed(2, 20, noise)).isPositive();
    assertThat(noticed(1, 20, noise)).isPositive();
    quiet(200, noise);
    assertThat(refinement.factor()).isBetween(0.93, 1.07);
  }

  @Test
  void aSlowDriftIsFollowed() {
    Random noise = new Random(2);
    for (int n = 0; n < 300; n++) {
      double slowness = Math.exp(n * 0.005);
      run(t -> slowness * (0.9 + 0.2 * noise.nextDouble()));
      assertThat(refinement.factor() / slowness).as("after %d", n).isBetween(0.77, 1.15);
    }
    assertThat(corrections).isLessThan(20);
  }

  @Test
  void singleOutliersDoNotCountHoweverLargeTheyAre() {
    Random noise = new Random(3);
    for (int n = 0; n < 1000; n++) {
      double outlier = n % 5 == 4 ? 50 * noise.nextDouble() : 1;
      run(t -> Math.max(0.02, outlier) * (0.95 + 0.1 * noise.nextDouble()));
    }
    assertThat(corrections).isZero();
  }

  @Test
  void asManySlowInferencesAsQuickOnesSayNothing() {
    for (int n = 0; n < 400; n++) {
      double slowness = n % 2 == 0 ? 1 : 3;
      run(t -> slowness);
    }
    assertThat(corrections).as("a median that jumps is not believed").isZero();
  }

  @Test
  void aSmallLastingErrorIsCorrectedToo() {
    Random noise = new Random(4);
    for (int n = 0; n < 100; n++) run(t -> 1.1 * (0.97 + 0.06 * noise.nextDouble()));
    assertThat(refinement.factor()).isEqualTo(1.1, within(0.03));
    assertThat(corrections).isBetween(1, 2);
  }

  @Test
  void stagesThatTakeLongerThanMeasuredAreToldFromASlowDevice() {
    Random noise = new Random(5);
    for (int n = 0; n < 200; n++) run(t -> (t == 1 ? 1.6 : 1) * (0.95 + 0.1 * noise.nextDouble()));
    DeviceProfile now = refinement.current();
    assertThat(now.stages().get(12).whole()).isEqualTo(1.6e-3, within(1e-4));
    assertThat(now.stages().get(2).whole()).isEqualTo(1e-3, within(7e-5));
    assertThat(now.stages().get(20).whole()).isEqualTo(1e-3, within(7e-5));
  }

  @Test
  void aDeviceThatComputesOnlyAPartIsCorrectedAsAWhole() {
    Random noise = new Random(6);
    for (int n = 0; n < 20; n++)
      refinement.observe(List.of(new ProfileRefinement.Observation(
          tiles.get(1), seconds(tiles.get(1)) * 2 * (0.95 + 0.1 * noise.nextDouble()))));
    assertThat(refinement.current().change(measured)).isEqualTo(1, within(0.15));
  }

  @Test
  void slownessThatNobodyConfirmsIsForgotten() {
    noticed(4, 20, new Random(7));
    int rests = 0;
    while (refinement.rest().isPresent()) rests++;
    assertThat(rests).isBetween(2, 8);
    assertThat(refinement.current()).isEqualTo(measured);
  }

  @Test
  void whatIsTooShortToBeTimedIsLeftOut() {
    ProfileRefinement.Prediction tiny = new ProfileRefinement.Prediction(new double[refinement.predict(
        Band.of(graph, List.of(0), List.of(new Rows(1, RowSpan.first(1)))), List.of(0)).byGroup().length]);
    for (int n = 0; n < 50; n++) assertThat(refinement.observe(List.of(new ProfileRefinement.Observation(tiny, 1)))).isEmpty();
    assertThat(refinement.observe(List.of())).isEmpty();
  }
}
