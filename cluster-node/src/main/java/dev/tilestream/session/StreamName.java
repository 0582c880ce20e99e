package dev.tilestream.session;

/** Names of streams: {@code home~stream}, where home is the node that the stream's source is; entities live in the home's shard. */
record StreamName(String home, String stream) {
  static final char SEPARATOR = '~';

  static StreamName of(String entityId) {
    int at = entityId.indexOf(SEPARATOR);
    return at < 0 ? new StreamName("", entityId) : new StreamName(entityId.substring(0, at), entityId.substring(at + 1));
  }

  String entityId() {
    return home.isEmpty() ? stream : home + SEPARATOR + stream;
  }
}
