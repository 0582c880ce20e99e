package dev.tilestream.api;

import java.util.List;

/** What a node knows of itself and its cluster, for health, status and the page. Thread-safe and quick: asked at every request for it. */
public interface NodeView {
  String name();

  /** robot or edge. */
  String role();

  /** Whether requests can be served now: the member is up, and so is whatever it was told to wait for. */
  boolean ready();

  /** Every member that is known, this one included. */
  List<Member> members();

  /**
   * @param address {@code host:port} that peers reach it at
   * @param state up, joining, leaving, unreachable, ...
   */
  record Member(String name, String role, String address, String state) {}
}
