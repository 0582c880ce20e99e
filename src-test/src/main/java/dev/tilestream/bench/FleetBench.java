package dev.tilestream.bench;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.fleet.Tensors;
import dev.tilestream.fleet.TestFleet;
import dev.tilestream.fleet.TestRepository;
import dev.tilestream.plan.Strategy;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Zoo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Networks on fleets of real processes, one edge and two slowed robots: a fleet for each rate of its links, asked at the first robot.
 *
 * @param rates as {@code fleet --rate} takes them
 * @param robotSpeed relative to this machine
 * @param edgeSpeed likewise
 * @param cache where the networks' files are
 */
record FleetBench(List<Zoo> models, List<String> rates, double robotSpeed, double edgeSpeed, Path cache) {
  private static final int ROBOTS = 2;
  private static final int EDGES = 1;
  private static final long INPUT_SEED = 1;

  FleetBench {
    models = List.copyOf(models);
    rates = List.copyOf(rates);
  }

  private static final Duration SETTLING = Duration.ofSeconds(120);

  /** One network, loaded, on the fleet of one rate, and where each of its inferences is noted by the clock that the nodes' logs go by. */
  record Subject(String model, String rate, NodeClient robot, List<TensorBytes> input, PrintWriter notes) {
    RemoteAnswer infer(Strategy strategy) throws InterruptedException {
      Instant began = Instant.now();
      RemoteAnswer answer = robot.infer(model, input, Optional.of(strategy.word()));
      notes.printf(Locale.ROOT, "%s,%s,%s,%s,%.1f,%.1f,%s%n", began, model, strategy.word(), answer.plan(), answer.latencyMillis(),
          answer.predictedMillis(), String.join(" ", answer.devices()));
      return answer;
    }

    /**
     * Runs rounds of inferences, so many at least and for so long, until the plans for the rate of now are made and hybrid has tried what it
     * doubts.
     */
    void settle(int rounds, Duration least, Round round, ProgressLines progress) throws InterruptedException {
      long began = System.nanoTime();
      boolean settled = false;
      for (int i = 0; i < rounds || elapsed(began) < least.toNanos() || !settled && elapsed(began) < SETTLING.toNanos(); i++) {
        round.run();
        settled = robot.settled(model);
      }
      if (!settled) progress.say("%s at %s: plans are still being made after %d s", model, rate, SETTLING.toSeconds());
    }
  }

  static long elapsed(long beganNanos) {
    return System.nanoTime() - beganNanos;
  }

  /** Some inferences. */
  interface Round {
    void run() throws InterruptedException;
  }

  /** What is measured of each. */
  interface Measurement<R> {
    List<R> of(Subject subject) throws InterruptedException;
  }

  /** @param directory where models, and the nodes' logs by rate, go */
  <R> List<R> measure(Path directory, Measurement<R> measurement) throws IOException, InterruptedException {
    TestRepository repository = new TestRepository(Files.createDirectories(directory.resolve("repository")));
    for (Zoo zoo : models) repository.put(zoo.word(), zoo.file(cache));
    List<R> results = new ArrayList<>();
    for (String rate : rates) {
      Path logs = Files.createDirectories(directory.resolve("fleet-" + rate));
      String[] emulated = {"--rate", rate, "--delay", "1ms", "--robot-speed", "" + robotSpeed, "--edge-speed", "" + edgeSpeed};
      try (TestFleet fleet = TestFleet.start(ROBOTS, EDGES, repository.directory(), logs, emulated);
          PrintWriter notes = new PrintWriter(Files.newBufferedWriter(logs.resolve("requests.csv")))) {
        notes.println("began,model,strategy,plan,ms,predicted,devices");
        NodeClient robot = fleet.node(0).client();
        for (Zoo zoo : models) {
          List<TensorBytes> input = input(repository.file(zoo.word()));
          robot.load(zoo.word());
          results.addAll(measurement.of(new Subject(zoo.word(), rate, robot, input, notes)));
          robot.unload(zoo.word());
        }
      }
    }
    return results;
  }

  private static List<TensorBytes> input(Path file) {
    try (Oracle oracle = Oracle.of(file, 1)) {
      return Tensors.request(oracle.randomInputs(INPUT_SEED));
    }
  }
}
