package dev.tilestream.tile;

import com.typesafe.config.Config;
import dev.tilestream.tensor.Parcel;
import java.time.Duration;

/**
 * What holds for the link to every peer.
 *
 * @param chunkBytes longer slices travel in chunks of whole rows of about this size
 * @param maxChunkBytes a single row beyond this cannot be sent: it must fit the transport's frame
 * @param windowBytes sent and not yet acknowledged, at most
 * @param windowParcels the same as a number of parcels, below the transport's own queue, which drops silently, and below {@link
 *     Parcel#NUMBERS}
 * @param queueBytes waiting here, at most
 * @param stall with nothing acknowledged for this long, what was in flight is taken for lost and the link is opened anew
 * @param probe how often the round trip is measured while nothing is sent
 * @param silence a peer that has left every probe unanswered for this long is silent; see {@link LinkReport#silent}
 * @param soundingShare of the air, what measuring a way may take where plans depend on it and nothing else goes over it; 0: never
 * @param packing whether rows are compressed where that is quicker
 * @param emulation the air that it goes over
 */
public record LinkSettings(
    int chunkBytes,
    int maxChunkBytes,
    int windowBytes,
    int windowParcels,
    long queueBytes,
    Duration stall,
    Duration probe,
    Duration silence,
    double soundingShare,
    boolean packing,
    Emulation emulation) {
  public LinkSettings {
    positive("chunk-bytes", chunkBytes);
    positive("window-bytes", windowBytes);
    positive("window-parcels", windowParcels);
    if (windowParcels >= Parcel.NUMBERS)
      throw new IllegalArgumentException("link window-parcels: %d (expected: below %d)".formatted(windowParcels, Parcel.NUMBERS));
    positive("queue-bytes", queueBytes);
    positive("stall", stall.toNanos());
    positive("probe", probe.toNanos());
    positive("silence", silence.toNanos());
    if (maxChunkBytes < chunkBytes)
      throw new IllegalArgumentException("link max-chunk-bytes: %d (expected: at least chunk-bytes, %d)".formatted(maxChunkBytes, chunkBytes));
    if (!(soundingShare >= 0 && soundingShare <= 1))
      throw new IllegalArgumentException("link sounding-share: " + soundingShare + " (expected: 0 to 1)");
  }

  private static void positive(String what, long value) {
    if (value <= 0) throw new IllegalArgumentException("link %s: %d (expected: above 0)".formatted(what, value));
  }

  /** From the block {@code tilestream.link}. */
  public static LinkSettings from(Config config) {
    Config link = config.getConfig("tilestream.link");
    return new LinkSettings(
        Math.toIntExact(link.getBytes("chunk-bytes")),
        Math.toIntExact(link.getBytes("max-chunk-bytes")),
        Math.toIntExact(link.getBytes("window-bytes")),
        link.getInt("window-parcels"),
        link.getBytes("queue-bytes"),
        link.getDuration("stall"),
        link.getDuration("probe"),
        link.getDuration("silence"),
        link.getDouble("sounding-share"),
        link.getBoolean("packing"),
        Emulation.from(link));
  }

  /** The same over that air. */
  public LinkSettings over(Emulation other) {
    return new LinkSettings(
        chunkBytes, maxChunkBytes, windowBytes, windowParcels, queueBytes, stall, probe, silence, soundingShare, packing, other);
  }
}
