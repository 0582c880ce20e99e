/**
 * Import of ONNX models: dynamic dimensions are fixed, ONNX Runtime folds and fuses what it can, shapes are read off, weights are mapped.
 */
package dev.tilestream.graph.onnx;
