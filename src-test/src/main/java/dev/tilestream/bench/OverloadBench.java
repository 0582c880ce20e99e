package dev.tilestream.bench;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.fleet.Tensors;
import dev.tilestream.fleet.TestFleet;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A robot that is asked for far more than it can do, in four parts: what it can do at most, several streams that all ask for too much, one
 * that does beside some that ask for little, and what it can do at most once that is over.
 *
 * @param factor how many times the peak is asked for
 * @param seconds that each overload lasts
 * @param step seconds of each try for the peak
 */
record OverloadBench(Zoo zoo, String strategy, double factor, int seconds, int step, List<String> fleetOptions, Path cache) {
  private static final List<Integer> AT_ONCE = List.of(1, 2, 4, 8, 16, 32);
  private static final List<String> STREAMS = List.of("a", "b", "c", "d");
  /** What a modest stream asks for, as a share of the peak: half of what would be its own if all were greedy. */
  private static final double MODEST = 0.5 / STREAMS.size();
  private static final int WARM_UPS = 40;
  private static final Duration SETTLING = Duration.ofSeconds(120);

  OverloadBench {
    fleetOptions = List.copyOf(fleetOptions);
  }

  OverloadResult measure(Path directory, ProgressLines progress) throws IOException, InterruptedException {
    TestRepository repository = new TestRepository(Files.createDirectories(directory.resolve("repository"))).put(zoo.word(), zoo.file(cache));
    Path logs = Files.createDirectories(directory.resolve("fleet"));
    try (Oracle oracle = Oracle.of(repository.file(zoo.word()), 1);
        TestFleet fleet = TestFleet.start(1, 1, repository.directory(), logs, fleetOptions.toArray(String[]::new))) {
      List<TensorBytes> input = Tensors.request(oracle.randomInputs(1));
      TestFleet.Node robot = fleet.node(0);
      settle(robot.client(), input);
      Pressure pressure = new Pressure(robot.http(), zoo.word(), input, strategy);
      double peak = peak(pressure, progress);
      Duration time = Duration.ofSeconds(seconds);
      List<StreamTally> alike = pressure.open(STREAMS.stream().map(s -> new Pressure.Stream(s, factor * peak / STREAMS.size())).toList(), time);
      progress.say("%d streams, together %.0f x the peak: %.1f answers a second", STREAMS.size(), factor, OverloadResult.perSecond(alike));
      List<Pressure.Stream> oneFloods =
          STREAMS.stream().map(s -> new Pressure.Stream(s, s.equals(STREAMS.get(0)) ? factor * peak : MODEST * peak)).toList();
      List<StreamTally> flood = pressure.open(oneFloods, time);
      progress.say("one stream, %.0f x the peak, beside others: %.1f answers a second", factor, OverloadResult.perSecond(flood));
      double after = peak(pressure, progress);
      return new OverloadResult(zoo.word(), strategy, peak, after, factor, alike, flood);
    }
  }

  private void settle(NodeClient robot, List<TensorBytes> input) throws InterruptedException {
    robot.load(zoo.word());
    long end = System.nanoTime() + SETTLING.toNanos();
    for (int i = 0; i < WARM_UPS || !robot.settled(zoo.word()) && System.nanoTime() - end < 0; i++)
      robot.infer(zoo.word(), input, Optional.of(strategy));
  }

  private double peak(Pressure pressure, ProgressLines progress) throws InterruptedException {
    List<Double> found = new ArrayList<>();
    for (int atOnce : AT_ONCE) {
      found.add(pressure.closed(atOnce, Duration.ofSeconds(step)).answeredPerSecond());
      progress.say("%d at once: %.1f answers a second", atOnce, found.get(found.size() - 1));
    }
    return found.stream().mapToDouble(f -> f).max().orElseThrow();
  }
}
