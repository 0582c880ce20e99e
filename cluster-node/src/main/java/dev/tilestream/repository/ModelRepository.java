package dev.tilestream.repository;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models below a directory: {@code DIR/<model>/<version>/model.onnx}, beside it perhaps {@code config.json}. Where logged models are
 * allowed, a version may hold {@code profile.json}, the measured times of a model that is not here, instead. Read anew at every call,
 * so that files may come and go while the node runs. Whatever resolves (through links too) to a place outside the directory is as good as
 * absent. Thread-safe; only reads.
 */
public final class ModelRepository {
  private static final String MODEL = "model.onnx";
  private static final String PROFILE = "profile.json";
  private static final String CONFIG = "config.json";
  /** Larger than any sensible list of labels. */
  private static final long LARGEST_CONFIG = 4 << 20;

  private final Path root;
  private final List<String> files;
  private final Map<Path, Digest> digests = new ConcurrentHashMap<>();

  private record Digest(long size, FileTime modified, String sha256) {}

  /** @throws IOException when {@code directory} is none */
  public ModelRepository(Path directory) throws IOException {
    this(directory, false);
  }

  /**
   * @param logged whether logged models count too
   * @throws IOException when {@code directory} is none
   */
  public ModelRepository(Path directory, boolean logged) throws IOException {
    files = logged ? List.of(MODEL, PROFILE) : List.of(MODEL);
    root = directory.toRealPath();
    if (!Files.isDirectory(root)) throw new IOException("repository: %s is not a directory".formatted(directory));
  }

  public Path root() {
    return root;
  }

  /** Every version of every model, by name and number; directories with other names, or without a model, are not models. */
  public List<ModelId> list() throws IOException {
    List<ModelId> found = new ArrayList<>();
    for (String name : names(root)) if (ModelId.isName(name)) found.addAll(versions(name));
    Collections.sort(found);
    return found;
  }

  /**
   * That version, or the highest.
   *
   * @throws IllegalArgumentException when the name or version could not be one
   */
  public Optional<ModelId> find(String name, Optional<String> version) throws IOException {
    ModelId.checkName(name);
    if (version.isEmpty()) return versions(name).stream().max(ModelId::compareTo);
    ModelId id = new ModelId(name, version.get());
    return file(id).isPresent() ? Optional.of(id) : Optional.empty();
  }

  /**
   * The model's file, links resolved.
   *
   * @throws NoSuchFileException when there is none
   */
  public Path model(ModelId id) throws IOException {
    return file(id).orElseThrow(() -> new NoSuchFileException("%s: no %s in the repository".formatted(id, String.join(" or ", files))));
  }

  private Optional<Path> file(ModelId id) throws IOException {
    for (String file : files) {
      Optional<Path> there = inside(id, file);
      if (there.isPresent()) return there;
    }
    return Optional.empty();
  }

  /** What {@code config.json} says, unparsed; a peer that gets the model gets this too. */
  public Optional<byte[]> configBytes(ModelId id) throws IOException {
    Optional<Path> file = inside(id, CONFIG);
    if (file.isEmpty()) return Optional.empty();
    long size = Files.size(file.get());
    if (size > LARGEST_CONFIG)
      throw new IOException("%s: %s has %d bytes (expected: at most %d)".formatted(id, CONFIG, size, LARGEST_CONFIG));
    return Optional.of(Files.readAllBytes(file.get()));
  }

  /**
   * The settings beside the model; {@link ModelConfig#NONE} when there is no file.
   *
   * @throws ModelConfig.Fault when the file is wrong
   */
  public ModelConfig config(ModelId id) throws IOException {
    Optional<byte[]> bytes = configBytes(id);
    return bytes.isEmpty() ? ModelConfig.NONE : ModelConfig.parse(id + "/" + CONFIG, bytes.get());
  }

  /** Of the model's file, lower-case hex; computed again when the file's size or time changed. */
  public String sha256(ModelId id) throws IOException {
    Path file = model(id);
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    Digest known = digests.get(file);
    if (known != null && known.size == now.size() && known.modified.equals(now.lastModifiedTime())) return known.sha256;
    String sha256 = Sha256.ofFile(file);
    digests.put(file, new Digest(now.size(), now.lastModifiedTime(), sha256));
    return sha256;
  }

  private List<ModelId> versions(String name) throws IOException {
    List<ModelId> found = new ArrayList<>();
    for (String version : names(root.resolve(name))) {
      if (!ModelId.isVersion(version)) continue;
      ModelId id = new ModelId(name, version);
      if (file(id).isPresent()) found.add(id);
    }
    return found;
  }

  private List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory) || !directory.toRealPath().startsWith(root)) return List.of();
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    return names;
  }

  private Optional<Path> inside(ModelId id, String file) throws IOException {
    Path path = root.resolve(id.name()).resolve(id.version()).resolve(file);
    if (!Files.isRegularFile(path)) return Optional.empty();
    Path real = path.toRealPath();
    return real.startsWith(root) ? Optional.of(real) : Optional.empty();
  }
}
