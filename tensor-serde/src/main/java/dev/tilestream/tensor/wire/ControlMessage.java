package dev.tilestream.tensor.wire;

/**
 * Marks messages between nodes that carry no tensor bytes: plans, credits, health. They travel as Jackson CBOR; records with plain
 * fields, lists, maps and actor references need nothing else. Interfaces as field types need {@code @JsonTypeInfo}.
 */
public interface ControlMessage {}
