package dev.tilestream.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context of files as they are now: new certificates count for new connections, without a restart. Files that cannot be used, such
 * as a new certificate whose key has not been written yet, leave the last good ones in use.
 */
public final class FreshContext implements Supplier<SSLContext> {
  private static final Logger LOG = LoggerFactory.getLogger(FreshContext.class);

  private final TlsFiles files;
  private List<Object> stamp;
  private SSLContext context;

  /** @throws SecurityFault when the files cannot be used now */
  public FreshContext(TlsFiles files) {
    this.files = files;
    stamp = stamp(files);
    context = files.context();
  }

  @Override
  public synchronized SSLContext get() {
    List<Object> now = stamp(files);
    if (now.equals(stamp)) return context;
    stamp = now;
    try {
      context = files.context();
      LOG.info("{}: read anew", files.setting());
    } catch (SecurityFault e) {
      LOG.warn("{}; the last good files stay in use", e.getMessage());
    }
    return context;
  }

  private static List<Object> stamp(TlsFiles files) {
    List<Object> stamp = new ArrayList<>();
    for (Path file : files.all()) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        stamp.add(attributes.lastModifiedTime());
        stamp.add(attributes.size());
      } catch (IOException gone) {
        stamp.add("gone");
      }
    }
    return stamp;
  }
}
