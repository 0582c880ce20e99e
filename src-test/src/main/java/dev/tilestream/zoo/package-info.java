/**
 * Models to test and measure with, and what their answers must be: well-known networks with seeded weights, seeded random graphs, ONNX
 * Runtime on the whole model as the oracle, and readers for the test vectors of the ONNX project.
 */
package dev.tilestream.zoo;
