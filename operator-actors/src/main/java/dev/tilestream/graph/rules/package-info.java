/**
 * For every ONNX operator type, whether it can make a span of its output rows from spans of its input rows, along a given axis, and
 * which rows those are. One class per family behind one table ({@link dev.tilestream.graph.rules.Rules}).
 */
package dev.tilestream.graph.rules;
