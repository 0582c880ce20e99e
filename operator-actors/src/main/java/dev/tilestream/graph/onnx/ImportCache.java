package dev.tilestream.graph.onnx;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of imported models, and who uses which of them. Each import has a directory of its own; while its weights are mapped
 * somewhere, this process or another one holds a shared lock on a file in it, and {@link #trim} leaves it alone. Thread-safe.
 */
public final class ImportCache {
  private static final Logger LOG = LoggerFactory.getLogger(ImportCache.class);
  private static final String LOCK = "in-use";
  private static final String GOING = "going-";
  /** What importing works in; of a process that died in the middle once it is this old. */
  static final String WORK = "import-";
  private static final Duration ABANDONED = Duration.ofHours(1);
  private static final Cleaner CLEANER = Cleaner.create();
  /** Of this process; locks count per process, so there must be one channel for one directory. */
  private static final Map<Path, Shared> HELD = new HashMap<>();

  private record Shared(FileChannel channel, int holders) {}

  private record Entry(Path directory, FileTime used, long bytes) {}

  private ImportCache() {}

  /** Keeps a directory from being trimmed, until it is closed, or {@code user} is no more. */
  static final class Hold implements AutoCloseable {
    private Path directory;

    private Hold(Path directory) {
      this.directory = directory;
    }

    @Override
    public synchronized void close() {
      if (directory == null) return;
      release(directory);
      directory = null;
    }
  }

  /** @throws NoSuchFileException when the directory is gone */
  static Hold hold(Path directory) throws IOException {
    Path key = directory.toAbsolutePath().normalize();
    synchronized (HELD) {
      Shared known = HELD.get(key);
      FileChannel channel = known == null ? lock(key) : known.channel;
      HELD.put(key, new Shared(channel, known == null ? 1 : known.holders + 1));
    }
    Hold hold = new Hold(key);
    if (Files.exists(key.resolve(RuntimeSessions.GRAPH))) return hold;
    // It went before the lock was ours.
    hold.close();
    throw new NoSuchFileException(key.toString());
  }

  /** Has {@code hold} closed when {@code user} can't be reached any more, should nobody do so before. */
  static void closeWith(Object user, Hold hold) {
    CLEANER.register(user, hold::close);
  }

  private static FileChannel lock(Path directory) throws IOException {
    Path file = directory.resolve(LOCK);
    FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      channel.lock(0, Long.MAX_VALUE, true);
      Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void release(Path directory) {
    synchronized (HELD) {
      Shared known = HELD.get(directory);
      if (known.holders > 1) {
        HELD.put(directory, new Shared(known.channel, known.holders - 1));
        return;
      }
      HELD.remove(directory);
      try {
        known.channel.close();
      } catch (IOException e) {
        LOG.warn("model cache {}: not unlocked: {}", directory, e.toString());
      }
    }
  }

  /**
   * Removes imports that are not in use, those unused for longest first, until at most {@code most} of at most {@code bytes} are left, and
   * what died processes left behind.
   *
   * @return how many went
   */
  public static int trim(Path cache, int most, long bytes) throws IOException {
    List<Entry> entries = entries(cache);
    int left = entries.size();
    long sum = entries.stream().mapToLong(Entry::bytes).sum();
    int gone = 0;
    for (Entry e : entries) {
      if (left <= most && sum <= bytes) break;
      if (!remove(e.directory)) continue;
      left--;
      sum -= e.bytes;
      gone++;
    }
    if (gone > 0) LOG.info("model cache {}: {} imports unused for longest removed, {} left", cache, gone, left);
    return gone;
  }

  /** Those unused for longest first. */
  private static List<Entry> entries(Path cache) throws IOException {
    if (!Files.isDirectory(cache)) return List.of();
    List<Entry> entries = new ArrayList<>();
    List<Path> all;
    try (Stream<Path> list = Files.list(cache)) {
      all = list.filter(Files::isDirectory).toList();
    }
    long abandoned = System.currentTimeMillis() - ABANDONED.toMillis();
    for (Path directory : all) {
      String name = directory.getFileName().toString();
      try {
        if (Files.exists(directory.resolve(RuntimeSessions.GRAPH))) entries.add(entry(directory));
        else if ((name.startsWith(WORK) || name.startsWith(GOING)) && Files.getLastModifiedTime(directory).toMillis() < abandoned)
          delete(directory);
      } catch (NoSuchFileException e) {
        LOG.debug("model cache {}: another process was first", directory);
      }
    }
    entries.sort(Comparator.comparing(Entry::used));
    return entries;
  }

  private static Entry entry(Path directory) throws IOException {
    Path lock = directory.resolve(LOCK);
    FileTime used = Files.getLastModifiedTime(Files.exists(lock) ? lock : directory);
    long bytes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) bytes += Files.size(file);
    }
    return new Entry(directory, used, bytes);
  }

  /** False when somebody uses it. */
  private static boolean remove(Path directory) throws IOException {
    Path key = directory.toAbsolutePath().normalize();
    Path going = key.resolveSibling(GOING + key.getFileName() + "-" + ProcessHandle.current().pid());
    synchronized (HELD) {
      if (HELD.containsKey(key)) return false;
      try (FileChannel channel = FileChannel.open(key.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.tryLock()) {
        if (lock == null) return false;
        Files.move(key, going, StandardCopyOption.ATOMIC_MOVE);
      } catch (NoSuchFileException e) {
        return true;
      }
    }
    delete(going);
    return true;
  }

  static void delete(Path tree) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(tree)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path p : all) Files.deleteIfExists(p);
  }
}
