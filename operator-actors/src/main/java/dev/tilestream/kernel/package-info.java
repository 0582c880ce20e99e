/**
 * What computes a band. {@link dev.tilestream.kernel.Kernels} makes a {@link dev.tilestream.kernel.Kernel} of it: ONNX Runtime on a model
 * rewritten for its rows, or ND4J (oneDNN) operator by operator where that measured faster.
 */
package dev.tilestream.kernel;
