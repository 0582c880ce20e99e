package dev.tilestream.fault;

import java.util.List;

/** Where a fleet stands, and how its air is cut. The first place is the source's. */
public interface Ground extends AutoCloseable {
  /** Names of the places, the source first. */
  List<String> NAMES = List.of("robot-1", "robot-2", "edge-1");

  /** What it is, for who reads the figures. */
  String word();

  /** The source first. */
  List<Place> places();

  /**
   * Cuts the air and mends it; returns when it is mended.
   *
   * @param kind one of the air's
   * @param victim who is wished for; the one that it hit is in the answer
   */
  Strike cut(FaultKind kind, String victim) throws InterruptedException;

  /** Whether {@link #cut} can do every kind of the air's, whatever it was opened for. */
  boolean anyFault();

  /** Lets the air carry what its trace says from now on, if it has one. To be called once the fleet is there. */
  void go();

  /** Leaves nothing behind. Idempotent. */
  @Override
  void close();

  /**
   * When a fault was there.
   *
   * @param fromNanos on {@link System#nanoTime}'s clock
   */
  record Strike(String victim, long fromNanos, long toNanos) {}
}
