/**
 * Tiles as actors, and what carries rows between them.
 *
 * <p>A {@link dev.tilestream.tile.TileHost} is what one device has: the {@link dev.tilestream.tile.Deployments} actor that makes {@link
 * dev.tilestream.tile.TileActor}s of plans, the {@link dev.tilestream.tile.ComputeLane} they share, a {@link
 * dev.tilestream.tile.LinkActor} to each peer, the {@link dev.tilestream.tile.Inbox} for what peers send, and the {@link
 * dev.tilestream.tile.Joins} where answers come together.
 *
 * <p>Rows move as {@link dev.tilestream.tensor.Parcel}s. Who sends one gives its memory away; whoever drops one releases it.
 */
package dev.tilestream.tile;
