package dev.tilestream.node;

import com.typesafe.config.Config;
import dev.tilestream.graph.onnx.Isolation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * @param cacheDirectory of imported graphs and of models from peers; safe to delete while no node runs
 * @param maxModelBytes of a model file from a peer
 * @param profileBudget how long measuring a model may take here
 * @param peerPatience how long another member may take to load or measure a model
 * @param assumedBytesPerSecond of a link that has not been measured yet
 * @param imports that are kept in the cache directory besides those in use
 * @param importBytes of all of them together
 * @param isolation of the process that imports a model; empty: this one
 * @param profiles measured profiles that are kept there
 * @param loggedModels whether models of which only measured times are there are served, paced
 */
record NodeLimits(
    Path cacheDirectory, long maxModelBytes, Duration profileBudget, Duration peerPatience, double assumedBytesPerSecond,
    int imports, long importBytes, Optional<Isolation> isolation, int profiles, boolean loggedModels) {
  static NodeLimits from(Config config) {
    Config c = config.getConfig("tilestream.node");
    return new NodeLimits(
        Path.of(c.getString("cache-directory")),
        c.getBytes("max-model-size"),
        c.getDuration("profile-budget"),
        c.getDuration("peer-patience"),
        c.getBytes("assumed-rate"),
        c.getInt("kept-imports"),
        c.getBytes("kept-import-bytes"),
        isolation(c.getConfig("import")),
        c.getInt("kept-profiles"),
        c.getBoolean("logged-models"));
  }
  private static Optional<Isolation> isolation(Config c) {
    if (!c.getBoolean("isolated")) return Optional.empty();
    return Optional.of(new Isolation(c.getDuration("deadline"), c.getBytes("memory")));
  }
}
