package dev.tilestream.plan;

import dev.tilestream.graph.Rows;

/** Rows that one producer owes one consumer. {@code to} is a tile id or {@link dev.tilestream.tensor.Parcel#SINK}. */
public record Delivery(Rows rows, int to) {}
