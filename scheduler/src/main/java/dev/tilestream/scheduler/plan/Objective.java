package dev.tilestream.scheduler.plan;

import dev.tilestream.scheduler.simulate.Simulation;

/** What a plan is chosen for. Scores compare plans for one graph and fleet; less is better. */
public sealed interface Objective {
  /** Times its seconds: the score of a plan that misses its deadline, above every score of one that meets it. */
  double LATE = 1e9;

  /** The answer as soon as possible. */
  Objective LATENCY = new Latency();

  double score(Simulation simulated);

  /** Whether joules matter to it. */
  default boolean joules() {
    return false;
  }

  /**
   * What a plan scores that takes {@code ratio} times what was promised.
   *
   * @param score promised, with {@code seconds} of latency and {@code joules} of the source
   */
  default double stretched(double score, double seconds, double joules, double ratio) {
    return score * ratio;
  }

  /** Seconds from input to answer. */
  record Latency() implements Objective {
    @Override
    public double score(Simulation simulated) {
      return simulated.latencySeconds();
    }
  }

  /** Least joules at the source among plans that answer in time; when none does, the one that is least late. */
  record Energy(double deadlineSeconds) implements Objective {
    public Energy {
      if (!(deadlineSeconds > 0))
        throw new IllegalArgumentException("energy: deadline %s s (expected: above 0)".formatted(deadlineSeconds));
    }

    @Override
    public double score(Simulation simulated) {
      return score(simulated.latencySeconds(), simulated.sourceJoules());
    }

    @Override
    public boolean joules() {
      return true;
    }

    @Override
    public double stretched(double score, double seconds, double joules, double ratio) {
      return score(seconds * ratio, joules * ratio);
    }

    double score(double seconds, double joules) {
      return seconds > deadlineSeconds ? LATE * seconds : joules;
    }
  }

  /** {@code perSecond} times the latency plus {@code perJoule} times the source's energy. */
  record Weighted(double perSecond, double perJoule) implements Objective {
    public Weighted {
      boolean sound = perSecond >= 0 && perJoule >= 0 && perSecond + perJoule > 0 && perSecond + perJoule < Double.POSITIVE_INFINITY;
      if (!sound)
        throw new IllegalArgumentException(
            "weighted: %s a second, %s a joule (expected: finite, not negative, not both 0)".formatted(perSecond, perJoule));
    }

    @Override
    public double score(Simulation simulated) {
      return perSecond * simulated.latencySeconds() + perJoule * simulated.sourceJoules();
    }

    @Override
    public boolean joules() {
      return perJoule > 0;
    }
  }

  /**
   * Seconds a frame of a stream of which {@code frames} are under way at once: no frame comes quicker than what the busiest lane or
   * channel has to do for each, nor than its latency shared by those under way.
   */
  record Throughput(int frames) implements Objective {
    public Throughput {
      if (frames < 1) throw new IllegalArgumentException("throughput: %d frames in flight (expected: at least 1)".formatted(frames));
    }

    @Override
    public double score(Simulation simulated) {
      return Math.max(simulated.bottleneckSeconds(), simulated.latencySeconds() / frames);
    }
  }
}
