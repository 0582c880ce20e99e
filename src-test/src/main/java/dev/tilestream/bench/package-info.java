/**
 * Benchmarks, reached as {@code ./tilestream bench}: one device against plain ONNX Runtime, and by JMH the parts whose cost must vanish
 * beside a kernel. Run them on an otherwise idle machine.
 */
package dev.tilestream.bench;
