package dev.tilestream.bench.link;

import akka.event.EventStream;
import akka.remote.FailureDetector;
import akka.remote.PhiAccrualFailureDetector;
import com.typesafe.config.Config;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The cluster's own failure detector, which also tells the longest pause between two heartbeats of the peer. Named by class in
 * the ends' configuration.
 */
public final class HeartbeatWatch implements FailureDetector {
  private static final AtomicLong LAST = new AtomicLong();
  private static final AtomicLong LONGEST = new AtomicLong();

  private final PhiAccrualFailureDetector detector;

  /** As Akka makes it. */
  public HeartbeatWatch(Config config, EventStream events) {
    detector = new PhiAccrualFailureDetector(config, events);
  }

  /** Forgets what was. */
  static void restart() {
    LAST.set(System.nanoTime());
    LONGEST.set(0);
  }

  /** Since {@link #restart}, the pause that has not ended included. */
  static double longestPauseSeconds() {
    return Math.max(LONGEST.get(), System.nanoTime() - LAST.get()) / 1e9;
  }

  @Override
  public boolean isAvailable() {
    return detector.isAvailable();
  }

  @Override
  public boolean isMonitoring() {
    return detector.isMonitoring();
  }

  @Override
  public void heartbeat() {
    long now = System.nanoTime();
    LONGEST.accumulateAndGet(now - LAST.getAndSet(now), Math::max);
    detector.heartbeat();
  }
}
