/**
 * What links make of a line: two ends in JVMs of their own, each with the program's configuration, a {@code TileHost} and a seat in a
 * cluster, over a line that the kernel shapes or one that the sender emulates.
 */
package dev.tilestream.bench.link;
