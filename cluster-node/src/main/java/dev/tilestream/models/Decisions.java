package dev.tilestream.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.repository.ModelId;
import dev.tilestream.repository.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was last decided about each model, by whoever in the fleet: to load it or to unload it, and when. Kept on disk, so that a node which
 * starts again has its models again, and so that one which was away does not bring back what the others have unloaded meanwhile: of two
 * decisions the later counts. Thread-safe.
 */
public final class Decisions {
  private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  /** Unloaded models that are remembered; the one unloaded longest ago is forgotten. */
  private static final int MOST_UNLOADED = 256;

  /**
   * @param loaded the model that is to be loaded; empty: it is to stay unloaded
   * @param at of the clock that all decisions share: milliseconds, but never before a decision that was known when it was made
   */
  record Decision(ModelId id, Optional<ModelRecord> loaded, long at) {}

  /** As in the file. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Entry(
      @JsonProperty("name") String name, @JsonProperty("version") String version, @JsonProperty("at") long at,
      @JsonProperty("sha256") String sha256, @JsonProperty("size") long size, @JsonProperty("config") byte[] config) {
    static Entry of(Decision d) {
      ModelRecord model = d.loaded.orElse(null);
      return new Entry(
          d.id.name(), d.id.version(), d.at, model == null ? null : model.sha256(), model == null ? 0 : model.size(),
          model == null ? null : model.config());
    }

    Decision decision() {
      ModelId id = new ModelId(name, version);
      byte[] given = config == null ? new byte[0] : config;
      return new Decision(id, Optional.ofNullable(sha256).map(hash -> new ModelRecord(name, version, hash, size, given)), at);
    }
  }

  private record Document(@JsonProperty("repository") String repository, @JsonProperty("models") List<Entry> models) {}

  private final Path file;
  private final String repository;
  private final LongSupplier clock;
  private final Map<ModelId, Decision> latest = new TreeMap<>();
  private long lastAt;

  private Decisions(Path file, String repository, LongSupplier clock) {
    this.file = file;
    this.repository = repository;
    this.clock = clock;
  }

  /**
   * Those of a device with that repository: another fleet on the same machine may have a device of the same name. What cannot be read is left
   * alone until the next decision, and said so.
   */
  public static Decisions of(Path directory, String device, Path repository) {
    forgetOthers(directory);
    String where = repository.toAbsolutePath().normalize().toString();
    String short64 = Sha256.of(where.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    return in(directory.resolve(device + "-" + short64 + ".json"), where, System::currentTimeMillis);
  }

  static Decisions in(Path file, String repository, LongSupplier clock) {
    Decisions decisions = new Decisions(file, repository, clock);
    if (Files.exists(file)) decisions.read();
    return decisions;
  }

  /** Of repositories that are no more. */
  private static void forgetOthers(Path directory) {
    if (!Files.isDirectory(directory)) return;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList())
        if (!Files.isDirectory(repositoryOf(file))) Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("{}: {}", directory, e.toString());
    }
  }

  /** Some directory that is there when the file does not tell. */
  private static Path repositoryOf(Path file) throws IOException {
    try {
      return Path.of(JSON.readTree(Files.readAllBytes(file)).path("repository").asText("/"));
    } catch (JsonProcessingException | InvalidPathException e) {
      return file.getParent();
    }
  }

  private void read() {
    try {
      Document document = JSON.readValue(Files.readAllBytes(file), Document.class);
      for (Entry entry : document.models) {
        Decision decision = entry.decision();
        latest.put(decision.id, decision);
        lastAt = Math.max(lastAt, decision.at);
      }
    } catch (IOException | RuntimeException e) {
      latest.clear();
      String why = e instanceof JsonProcessingException j ? j.getOriginalMessage() : e.toString();
      LOG.warn("{}: which models were loaded cannot be read, so none is loaded: {}", file, why);
    }
  }

  /** The time of a decision that is made now. */
  synchronized long now() {
    lastAt = Math.max(lastAt + 1, clock.getAsLong());
    return lastAt;
  }

  /** Somebody has decided at {@code at}: what is decided from now on is later. */
  synchronized void heard(long at) {
    lastAt = Math.max(lastAt, at);
  }

  /** When it was unloaded, if that was after {@code at}. */
  synchronized Optional<Long> unloadedSince(ModelId id, long at) {
    return Optional.ofNullable(latest.get(id)).filter(d -> d.loaded.isEmpty() && d.at > at).map(Decision::at);
  }

  /** Whether it was loaded after {@code at}. */
  synchronized boolean loadedSince(ModelId id, long at) {
    Decision decision = latest.get(id);
    return decision != null && decision.loaded.isPresent() && decision.at > at;
  }

  /** When it was last decided upon; 0 when never. */
  synchronized long at(ModelId id) {
    return Optional.ofNullable(latest.get(id)).map(Decision::at).orElse(0L);
  }

  /** All that are to stay unloaded. */
  synchronized List<Decision> unloaded() {
    return latest.values().stream().filter(d -> d.loaded.isEmpty()).toList();
  }

  /** All that are to be loaded. */
  synchronized List<Decision> loaded() {
    return latest.values().stream().filter(d -> d.loaded.isPresent()).toList();
  }

  /** Notes it, unless something later is known. */
  synchronized void load(ModelRecord model, long at) {
    note(new Decision(model.id(), Optional.of(model), at));
  }

  /** Notes it, unless something later is known. */
  synchronized void unload(ModelId id, long at) {
    note(new Decision(id, Optional.empty(), at));
    List<Decision> unloaded = unloaded();
    unloaded.stream()
        .sorted(Comparator.comparingLong(Decision::at))
        .limit(Math.max(0, unloaded.size() - MOST_UNLOADED))
        .forEach(d -> latest.remove(d.id));
  }

  private void note(Decision decision) {
    lastAt = Math.max(lastAt, decision.at);
    latest.merge(decision.id, decision, (before, now) -> now.at >= before.at ? now : before);
  }

  /** Writes what is decided by now; whole or not at all. May take a few milliseconds. */
  synchronized void save() {
    Document document = new Document(repository, latest.values().stream().map(Entry::of).toList());
    try {
      Files.createDirectories(file.getParent());
      Path part = file.resolveSibling(file.getFileName() + ".part");
      try (FileChannel out =
          FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
        ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(document));
        while (bytes.hasRemaining()) out.write(bytes);
        out.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("{}: which models are loaded cannot be written, so a restart will not know: {}", file, e.toString());
    }
  }
}
