/** Tensors as they live in native memory: type, shape, row spans, pooled buffers and the slices that point into them. */
package dev.tilestream.tensor;
