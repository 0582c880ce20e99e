/**
 * Operator graphs from logs of real runs: which operators a framework ran, on what shapes, and how long each took on a robot and on a
 * server. Such a graph has rows, halos and stages like an imported one but no weights, so it can be planned, simulated and replayed, not
 * computed.
 */
package dev.tilestream.graph.logged;
