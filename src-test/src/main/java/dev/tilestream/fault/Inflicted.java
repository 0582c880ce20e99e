package dev.tilestream.fault;

/**
 * One fault that was.
 *
 * @param hit whether its victim computed for the source just before
 * @param kept whether the victim remained a member at the source, and for itself
 */
public record Inflicted(FaultKind kind, String victim, long fromNanos, long toNanos, boolean hit, boolean kept) {}
