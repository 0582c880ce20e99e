package dev.tilestream.graph;

import dev.tilestream.tensor.RowSpan;

/** A span of rows of one tensor. */
public record Rows(int tensor, RowSpan span) {}
