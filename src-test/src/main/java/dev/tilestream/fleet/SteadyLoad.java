package dev.tilestream.fleet;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.zoo.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Asks one node for inferences, one after the other, until it is closed; keeps what went wrong. Thread-safe. */
public final class SteadyLoad implements AutoCloseable {
  private static final double TOLERANCE = 1e-4;
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final String name;
  private final NodeClient client;
  private final Questions questions;
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private final Thread thread;
  private volatile List<String> devices = List.of();
  private volatile boolean stopped;

  /**
   * What is asked, and what is right.
   *
   * @param strategies in turn
   */
  public record Questions(String model, Map<String, Value> inputs, Map<String, Value> expected, List<String> strategies) {}

  private SteadyLoad(String name, NodeClient client, Questions questions) {
    this.name = name;
    this.client = client;
    this.questions = questions;
    thread = new Thread(this::run, "load-" + name);
    thread.setDaemon(true);
  }

  public static SteadyLoad on(String name, NodeClient client, Questions questions) {
    SteadyLoad load = new SteadyLoad(name, client, questions);
    load.thread.start();
    return load;
  }

  private void run() {
    try {
      for (int i = 0; !stopped; i++) {
        one(questions.strategies.get(i % questions.strategies.size()));
        Thread.sleep(PAUSE.toMillis());
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private void one(String strategy) throws InterruptedException {
    long asked = System.nanoTime();
    try {
      RemoteAnswer answer = client.infer(questions.model, Tensors.request(questions.inputs), Optional.of(strategy));
      double deviation = Tensors.deviation(questions.expected, answer.outputs());
      if (!(deviation <= TOLERANCE)) wrong.add("%s, %s: deviates by %.3g".formatted(name, strategy, deviation));
      devices = answer.devices();
      answered.incrementAndGet();
    } catch (NodeFailure e) {
      // Not there, or not now: what a client would ask again, or of another node.
      if (e.status() == 0 || e.status() == 503) refused.incrementAndGet();
      else wrong.add("%s, %s: %s".formatted(name, strategy, e.getMessage()));
    }
    longestNanos.accumulateAndGet(System.nanoTime() - asked, Math::max);
  }

  /** Answers that were wrong, and failures that are no refusals. */
  public List<String> wrong() {
    return new ArrayList<>(wrong);
  }

  public long answered() {
    return answered.get();
  }

  /** Requests that were refused for now (503), or whose node was not there. */
  public long refused() {
    return refused.get();
  }

  /** What the slowest answer took so far. */
  public Duration longest() {
    return Duration.ofNanos(longestNanos.get());
  }

  /** That computed the last answer. */
  public List<String> devices() {
    return devices;
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    thread.join(Duration.ofSeconds(30).toMillis());
  }

  @Override
  public String toString() {
    return "%s: %d answered, %d refused, %d wrong, longest %d ms".formatted(name, answered(), refused(), wrong.size(), longest().toMillis());
  }
}
